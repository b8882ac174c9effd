import "openplayerjs/dist/openplayer.css";

export default {
  styles: true,
  markup: ({ main, poster }) =>
    `<video id="player" class="op-player__media" width="800" height="450" poster="${poster}" controls playsinline muted>
       <source src="${main}">
     </video>`,
  async start() {
    const { default: OpenPlayer } = await import("openplayerjs");
    let player;
    const init = async () => {
      player = new OpenPlayer("player", { startVolume: 0 });
      await player.init();
    };
    await init();
    return {
      get api() {
        return player;
      },
      change(source) {
        player.src = [{ src: source, type: source.endsWith(".webm") ? "video/webm" : "video/mp4" }];
        return player.load();
      },
      async rebuild() {
        player.destroy();
        await init();
      },
      destroy: () => player.destroy(),
    };
  },
  container: ".op-player",
  bar: ".op-controls button, .op-controls__progress",
  play: ".op-controls__playpause",
  fullscreen: ".op-controls__fullscreen",
};
