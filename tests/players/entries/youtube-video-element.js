import { framed } from "./parts/framed.js";
import { Frame } from "./parts/frame.js";

const STATES = { UNSTARTED: -1, ENDED: 0, PLAYING: 1, PAUSED: 2, BUFFERING: 3, CUED: 5 };

/** Stands in for the script that YouTube serves, with what the element asks of it. */
class Player {
  #listeners = new Map();
  #frame;

  constructor(iframe, { events }) {
    this.#frame = new Frame(iframe, iframe.src.includes("advert") ? "advert" : "main", (type, video) => {
      const state = { play: STATES.BUFFERING, playing: STATES.PLAYING, pause: STATES.PAUSED, ended: STATES.ENDED }[type];
      if (type === "loadedmetadata") events.onReady({ target: this });
      if (state !== undefined && !(type === "pause" && video.ended)) this.#tell("onStateChange", state);
      if (type === "ratechange") this.#tell("onPlaybackRateChange", video.playbackRate);
      if (type === "volumechange") this.#tell("onVolumeChange");
      if (type === "timeupdate") this.#tell("onVideoProgress");
    });
  }

  get #video() {
    return this.#frame.video;
  }
  #tell(name, data) {
    for (const listener of this.#listeners.get(name) ?? []) listener({ target: this, data });
  }
  addEventListener(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }
  playVideo = () => void this.#video?.play();
  pauseVideo = () => this.#video?.pause();
  seekTo = (time) => this.#video && (this.#video.currentTime = time);
  getCurrentTime = () => this.#video?.currentTime ?? 0;
  getDuration = () => this.#video?.duration || 0;
  getVideoLoadedFraction = () => 1;
  getPlayerState() {
    const video = this.#video;
    if (!video || (video.paused && video.currentTime === 0)) return STATES.CUED;
    if (video.ended) return STATES.ENDED;
    return video.paused ? STATES.PAUSED : STATES.PLAYING;
  }
  mute = () => this.#video && (this.#video.muted = true);
  unMute = () => this.#video && (this.#video.muted = false);
  isMuted = () => this.#video?.muted ?? true;
  getVolume = () => (this.#video?.volume ?? 1) * 100;
  setVolume = (volume) => this.#video && (this.#video.volume = volume / 100);
  getPlaybackRate = () => this.#video?.playbackRate ?? 1;
  setPlaybackRate = (rate) => this.#video && (this.#video.playbackRate = rate);
  getOption = () => [];
  setOption = () => {};
  destroy = () => {};
}

const address = (id) => `https://www.youtube.com/watch?v=${id}`;

const define = () => {
  globalThis.YT = { Player, PlayerState: STATES };
  return import("youtube-video-element");
};

export default {
  ...framed("youtube-video", define, {
    main: address("lake-film-1"),
    other: address("lake-film-2"),
    advert: address("advert-film"),
  }),
  shapeless: true,
};
