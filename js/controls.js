/** Keeps overlays clear of a video's native controls, while these are likely there. What that means is in stage.css. */

/** So long browsers show their controls after the viewer has done something, in milliseconds. */
const LINGERING = 3_000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "focusin"];
const STATES = ["play", "pause", "emptied"];

export class NativeControls {
  #stage;
  #video;
  #until = 0;
  #timer;
  #seen = () => {
    this.#until = performance.now() + LINGERING;
    this.#look();
  };
  #look = () => {
    clearTimeout(this.#timer);
    const [stage, video] = [this.#stage, this.#video];
    const left = this.#until - performance.now();
    // Nothing moves away from under the pointer.
    const isShown = video?.controls === true && (video.paused || left > 0 || stage.matches(":hover"));
    stage.toggleAttribute("data-controls", isShown);
    if (isShown && !video.paused) this.#timer = setTimeout(this.#look, Math.max(left, LINGERING / 10));
  };

  constructor(stage) {
    this.#stage = stage;
    for (const name of SIGNS) stage.addEventListener(name, this.#seen);
  }

  /** The stage lies over this video or player now; null: over none. */
  follow(video) {
    if (video !== this.#video) {
      this.#listen("removeEventListener");
      this.#video = video;
      this.#listen("addEventListener");
    }
    this.#look();
  }

  end() {
    this.follow(null);
    for (const name of SIGNS) this.#stage.removeEventListener(name, this.#seen);
  }

  #listen(change) {
    for (const name of SIGNS) this.#video?.[change](name, this.#seen);
    for (const name of STATES) this.#video?.[change](name, this.#look);
  }
}
