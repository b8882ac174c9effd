import "shaka-player/dist/controls.css";

export default {
  styles: true,
  markup: ({ poster }) =>
    `<div class="player" data-shaka-player-container style="max-width: 800px">
       <video id="video" data-shaka-player poster="${poster}" muted playsinline style="width: 100%; height: 100%"></video>
     </div>`,
  async start(place, { main }) {
    const { default: shaka } = await import("shaka-player/dist/shaka-player.ui.js");
    let player, ui;
    const init = async (source) => {
      const video = place.querySelector("video");
      player = new shaka.Player();
      await player.attach(video);
      ui = new shaka.ui.Overlay(player, video.parentElement, video);
      ui.configure({ enableKeyboardPlaybackControls: true });
      await player.load(source);
    };
    await init(main);
    return {
      get api() {
        return player;
      },
      /** What the adapter is made of. */
      get parts() {
        return ui;
      },
      change: (source) => player.load(source),
      qualities: () => player.getVariantTracks().length,
      quality: (index) => {
        player.configure({ abr: { enabled: false } });
        const tracks = player.getVariantTracks().sort((one, other) => one.height - other.height);
        player.selectVariantTrack(tracks[index], true);
      },
      async rebuild() {
        await ui.destroy();
        await init(main);
      },
      destroy: () => ui.destroy(),
    };
  },
  streams: ["hls", "dash"],
  container: ".player",
  bar: ".shaka-bottom-controls button, .shaka-bottom-controls input",
  play: ".shaka-bottom-controls .shaka-small-play-button, .shaka-bottom-controls .shaka-play-button",
  fullscreen: ".shaka-bottom-controls .shaka-fullscreen-button",
};
