import "@flowplayer/player/flowplayer.css";

const markup = `<div id="player" style="width: 800px; height: 450px"></div>`;

export default {
  styles: true,
  late: true,
  markup: () => markup,
  async start(place, { main, poster }) {
    const { default: flowplayer } = await import("@flowplayer/player");
    const { default: hls } = await import("@flowplayer/player/plugins/hls");
    const { default: keyboard } = await import("@flowplayer/player/plugins/keyboard");
    const make = flowplayer(hls, keyboard);
    let player;
    const init = async () => {
      player = make("#player", { src: main, poster, muted: true, preload: "metadata" });
    };
    await init();
    return {
      get api() {
        return player;
      },
      change: (source) => player.setSrc(source),
      async rebuild() {
        player.destroy();
        document.querySelector("#player")?.remove();
        place.insertAdjacentHTML("beforeend", markup);
        await init();
      },
      destroy: () => player.destroy(),
    };
  },
  container: "#player",
  bar: ".fp-controls .fp-btns, .fp-controls .fp-timeline, .fp-controls .fp-volumebtn, .fp-header .fp-fullscreen",
  play: ".fp-controls .fp-btns",
  fullscreen: ".fp-header .fp-fullscreen",
};
