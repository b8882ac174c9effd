import "xgplayer/dist/index.min.css";

const markup = `<div id="player"></div>`;

export default {
  styles: true,
  late: true,
  markup: () => markup,
  async start(place, { main, poster }) {
    const { default: Player } = await import("xgplayer");
    let player;
    const init = () => {
      player = new Player({ id: "player", url: main, poster, width: 800, height: 450, playsinline: true, volume: 0, autoplayMuted: true, lang: "en" });
    };
    init();
    return {
      get api() {
        return player;
      },
      change: (source) => player.switchURL(source),
      rebuild() {
        player.destroy();
        document.querySelector("#player")?.remove();
        place.insertAdjacentHTML("beforeend", markup);
        init();
      },
      destroy: () => player.destroy(),
    };
  },
  container: ".xgplayer",
  bar: ".xgplayer-controls .xgplayer-play, .xgplayer-controls .xgplayer-progress, .xgplayer-controls .xgplayer-volume, \
    .xgplayer-controls .xgplayer-fullscreen",
  play: ".xgplayer-controls .xgplayer-play",
  fullscreen: ".xgplayer-controls .xgplayer-fullscreen",
};
