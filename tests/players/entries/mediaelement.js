import "mediaelement/build/mediaelementplayer.css";
import sprite from "mediaelement/build/mejs-controls.svg";

const type = (source) => (source.endsWith(".webm") ? "video/webm" : "video/mp4");

export default {
  styles: true,
  markup: ({ main, poster }) =>
    `<video id="player" width="800" height="450" poster="${poster}" preload="metadata" muted playsinline controls>
       <source src="${main}" type="${type(main)}">
     </video>`,
  async start() {
    // It defines globals.
    await import("mediaelement");
    let player;
    const init = () => new Promise((done) => {
      player = new globalThis.MediaElementPlayer("player", { iconSprite: sprite, enableKeyboard: true, success: done });
    });
    await init();
    return {
      get api() {
        return player;
      },
      change(source) {
        player.setSrc(source);
        player.load();
      },
      async rebuild() {
        player.remove();
        await init();
      },
      destroy: () => player.remove(),
    };
  },
  container: ".mejs__container",
  bar: ".mejs__controls button, .mejs__controls .mejs__time-total",
  play: ".mejs__controls .mejs__playpause-button button",
  fullscreen: ".mejs__controls .mejs__fullscreen-button button",
};
