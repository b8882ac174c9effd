/** A frame of the page's own with a video in it, in place of one of YouTube's or Vimeo's. */
export class Frame {
  #iframe;
  #hear;

  constructor(iframe, source, hear) {
    this.#iframe = iframe;
    this.#hear = hear;
    this.load(source);
  }

  get video() {
    return this.#iframe.contentDocument?.querySelector("video");
  }

  load(source) {
    const loaded = new Promise((done) => {
      const isThere = () => {
        // The address of the real frame is refused by the page, and an empty document is told of.
        if (!this.video) return;
        this.#iframe.removeEventListener("load", isThere);
        const types = "loadedmetadata play playing pause ended seeking seeked timeupdate volumechange ratechange progress waiting";
        for (const type of types.split(" ")) {
          this.video.addEventListener(type, ({ target }) => {
            this.#hear(type, target);
            if (type === "loadedmetadata") done();
          });
        }
        this.video.src = this.video.dataset.src;
      };
      this.#iframe.addEventListener("load", isThere);
    });
    this.#iframe.src = `/tests/players/frame.html?${source}`;
    return loaded;
  }
}
