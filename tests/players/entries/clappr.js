const markup = () => `<div id="player" style="width: 800px"></div>`;

export default {
  // The player makes the video.
  late: true,
  markup,
  async start(place, { main, poster }) {
    const { default: Clappr } = await import("@clappr/player");
    let player;
    const init = () => new Promise((done) => {
      player = new Clappr.Player({
        source: main, poster, parentId: "#player", width: 800, height: 450, mute: true, playback: { preload: "metadata" },
        events: { onReady: done },
      });
    });
    await init();
    return {
      get api() {
        return player;
      },
      change: (source) => player.load(source),
      async rebuild() {
        player.destroy();
        await init();
      },
      destroy: () => player.destroy(),
    };
  },
  container: "[data-player]",
  bar: ".media-control-layer button, .media-control .bar-container[data-seekbar]",
  play: ".media-control [data-playpause]",
  fullscreen: ".media-control [data-fullscreen]",
};
