// The cues of a video's tracks. What they mean for elements is decided in the core.

/** Tracks that nobody reads on the screen as they are. */
const CUE_KINDS = ["metadata", "chapters"];
/** No more cues are told of. */
const MOST_CUES = 10_000;
/** When there may be other tracks, or other cues in them. */
const TRACK_SIGNS = ["addtrack", "removetrack", "change"];
const VIDEO_SIGNS = ["loadedmetadata", "loadeddata", "emptied", "playing"];
/** `readyState` of a `<track>` that is still under way: not loaded, loading. */
const UNDER_WAY = 2;

/** Watches the tracks of a media element. `tell` gets the cues as JSON: `[[id, start, end], …]`, and whether these are all. */
export class CueWatch {
  #video;
  #tell;
  #told;
  /** What was read of each track; a player may switch one off again. */
  #read = new Map();
  #look = () => {
    const tracks = [...(this.#list ?? [])].filter(({ kind }) => CUE_KINDS.includes(kind));
    // A stream's own tracks come with the stream.
    let isComplete = tracks.length > 0 || this.#video.readyState !== 0;
    for (const track of tracks) {
      if (!this.#read.has(track)) {
        this.#read.set(track, []);
        // Nothing is loaded for a track that is off. "hidden" shows nothing either.
        if (track.mode === "disabled") track.mode = "hidden";
        // It may be filled by a script, which says nothing of that.
        track.addEventListener("cuechange", this.#look);
      }
      const element = [...this.#video.querySelectorAll("track")].find((node) => node.track === track);
      if (element && element.readyState < UNDER_WAY) isComplete = false;
      else if (track.cues) {
        this.#read.set(
          track,
          Array.from({ length: Math.min(track.cues.length, MOST_CUES) }, (_, at) => {
            const { id, startTime, endTime } = track.cues[at];
            return [id, startTime, endTime];
          }),
        );
      }
    }
    for (const track of this.#read.keys()) if (!tracks.includes(track)) this.#forget(track);
    const cues = [...this.#read.values()].flat().filter(([id]) => id).slice(0, MOST_CUES);
    const told = JSON.stringify(cues);
    if (this.#told === told + isComplete) return;
    this.#told = told + isComplete;
    this.#tell(told, isComplete);
  };

  constructor(media, tell) {
    // Custom elements around a video copy its tracks into it.
    this.#video = media.shadowRoot?.querySelector("video") ?? media;
    this.#tell = tell;
    this.#listen("addEventListener");
    this.#look();
  }

  stop() {
    this.#listen("removeEventListener");
    for (const track of this.#read.keys()) this.#forget(track);
  }

  /** Adapters of foreign players have none. */
  get #list() {
    const { textTracks } = this.#video;
    return typeof textTracks?.addEventListener === "function" ? textTracks : undefined;
  }

  #forget(track) {
    track.removeEventListener("cuechange", this.#look);
    this.#read.delete(track);
  }

  #listen(change) {
    for (const name of TRACK_SIGNS) this.#list?.[change](name, this.#look);
    for (const name of VIDEO_SIGNS) this.#video[change](name, this.#look);
    // Of `<track>` elements: these do not bubble.
    for (const name of ["load", "error"]) this.#video[change](name, this.#look, true);
  }
}
