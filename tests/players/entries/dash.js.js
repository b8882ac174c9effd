import { nativeControls } from "./parts/native.js";

const video = () => document.querySelector("main video");

export default {
  plays: "dash",
  streams: ["dash"],
  markup: ({ poster }) => `<video poster="${poster}" controls playsinline muted style="display: block; width: 100%"></video>`,
  async start(place, { main }) {
    const { MediaPlayer } = await import("dashjs");
    let player;
    const init = (source) => new Promise((done) => {
      player = MediaPlayer().create();
      player.updateSettings({ streaming: { buffer: { fastSwitchEnabled: true } } });
      player.on(MediaPlayer.events.STREAM_INITIALIZED, done);
      player.initialize(video(), source, false);
    });
    await init(main);
    return {
      get api() {
        return player;
      },
      change: (source) => player.attachSource(source),
      qualities: () => player.getRepresentationsByType("video").length,
      quality(index) {
        player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
        player.setRepresentationForTypeByIndex("video", index, true);
      },
      rebuild() {
        player.destroy();
        return init(main);
      },
      destroy: () => player.destroy(),
    };
  },
  ...nativeControls(video),
};
