const markup = `<div id="player" style="width: 800px; height: 450px"></div>`;

export default {
  late: true,
  markup: () => markup,
  async start(place, { main, poster }) {
    const { default: Artplayer } = await import("artplayer");
    let player;
    const init = () => new Promise((done) => {
      const options = { container: "#player", url: main, poster, muted: true, fullscreen: true, hotkey: true, setting: true };
      player = new Artplayer({ ...options, moreVideoAttr: { playsInline: true, preload: "metadata" } });
      player.on("ready", done);
    });
    await init();
    return {
      get api() {
        return player;
      },
      change: (source) => player.switchUrl(source),
      async rebuild() {
        player.destroy();
        await init();
      },
      destroy: () => player.destroy(),
    };
  },
  container: "#player",
  bar: ".art-controls .art-control, .art-control-progress",
  play: ".art-controls .art-control-playAndPause",
  fullscreen: ".art-controls .art-control-fullscreen",
};
