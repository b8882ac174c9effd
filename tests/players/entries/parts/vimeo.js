/** Stands in for @vimeo/player, with what vimeo-video-element asks of it, over a frame of our own. */
import { Frame } from "./frame.js";

const EVENTS = { play: "play", playing: "playing", pause: "pause", ended: "ended", seeking: "seeking", seeked: "seeked",
  timeupdate: "timeupdate", volumechange: "volumechange", ratechange: "ratechange", durationchange: "durationchange",
  progress: "progress", loadedmetadata: "loaded", waiting: "bufferstart" };

export default class Player {
  #listeners = new Map();
  #frame;

  constructor(iframe) {
    this.#frame = new Frame(iframe, sourceOf(iframe.src), (type, video) => this.#hear(type, video));
  }

  get #video() {
    return this.#frame.video;
  }
  #hear(type, video) {
    const name = EVENTS[type];
    const { currentTime, playbackRate, volume, duration, videoWidth, videoHeight } = video;
    const data = { seconds: currentTime, playbackRate, volume, duration, videoWidth, videoHeight };
    if (name) this.#tell(name, data);
    if (name === "loaded") for (const more of ["durationchange", "resize"]) this.#tell(more, data);
  }
  #tell(name, data) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(data);
  }
  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }
  off(name, listener) {
    this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((other) => other !== listener));
  }
  async loadVideo({ url }) {
    await this.#frame.load(sourceOf(url));
  }
  play = async () => this.#video.play();
  pause = async () => this.#video.pause();
  getCurrentTime = async () => this.#video?.currentTime ?? 0;
  setCurrentTime = async (time) => (this.#video.currentTime = time);
  getDuration = async () => this.#video.duration;
  getMuted = async () => this.#video.muted;
  setMuted = async (muted) => (this.#video.muted = muted);
  getVolume = async () => this.#video.volume;
  setVolume = async (volume) => (this.#video.volume = volume);
  setPlaybackRate = async (rate) => (this.#video.playbackRate = rate);
  setLoop = async () => {};
  getTextTracks = async () => [];
  enableTextTrack = async () => {};
  disableTextTrack = async () => {};
  destroy = async () => {};
}

const sourceOf = (url) => (/100000009/.test(url) ? "advert" : "main");
