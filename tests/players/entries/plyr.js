import "plyr/dist/plyr.css";
import sprite from "../node_modules/plyr/dist/plyr.svg";

export default {
  styles: true,
  markup: ({ main, poster }) =>
    `<video id="player" playsinline controls muted data-poster="${poster}"><source src="${main}" type="video/webm"></video>`,
  async start(place, { main, poster }) {
    const { default: Plyr } = await import("plyr");
    const settings = { iconUrl: sprite, blankVideo: "", keyboard: { focused: true, global: true }, storage: { enabled: false } };
    const init = () => new Promise((done) => {
      const made = new Plyr("#player", settings);
      made.on("ready", () => done(made));
    });
    let player = await init();
    return {
      get api() {
        return player;
      },
      change: (source) => {
        const type = source.endsWith(".webm") ? "video/webm" : "video/mp4";
        player.source = { type: "video", sources: [{ src: source, type }], poster };
      },
      async rebuild() {
        player.destroy();
        player = await init();
      },
      destroy: () => player.destroy(),
    };
  },
  container: ".plyr",
  bar: ".plyr__controls button, .plyr__controls input",
  play: ".plyr__controls [data-plyr=play]",
  fullscreen: ".plyr__controls [data-plyr=fullscreen]",
};
