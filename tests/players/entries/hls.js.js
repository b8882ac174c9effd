// Native controls over a stream that a script plays.
import { nativeControls } from "./parts/native.js";

const video = () => document.querySelector("main video");

export default {
  plays: "hls",
  streams: ["hls"],
  markup: ({ poster }) => `<video poster="${poster}" controls playsinline muted style="display: block; width: 100%"></video>`,
  async start(place, { main }) {
    const { default: Hls } = await import("hls.js");
    let hls;
    const init = (source) => new Promise((done) => {
      hls = new Hls();
      hls.on(Hls.Events.MANIFEST_PARSED, done);
      hls.loadSource(source);
      hls.attachMedia(video());
    });
    await init(main);
    return {
      get api() {
        return hls;
      },
      change: (source) => hls.loadSource(source),
      qualities: () => hls.levels.length,
      quality: (index) => (hls.currentLevel = index),
      rebuild() {
        hls.destroy();
        return init(main);
      },
      destroy: () => hls.destroy(),
    };
  },
  ...nativeControls(video),
};
