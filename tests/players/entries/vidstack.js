import "vidstack/player/styles/default/theme.css";
import "vidstack/player/styles/default/layouts/video.css";

const markup = ({ main, poster }) =>
  `<media-player title="An evening at the lake" src="${main}" playsinline muted style="max-width: 800px; aspect-ratio: 16/9">
     <media-provider><media-poster class="vds-poster" src="${poster}"></media-poster></media-provider>
     <media-video-layout></media-video-layout>
   </media-player>`;

export default {
  styles: true,
  // The provider makes the video.
  late: true,
  markup,
  async start(place, sources) {
    const player = () => place.querySelector("media-player");
    // It takes its provider as soon as it is defined.
    player().addEventListener("provider-change", ({ detail: provider }) => {
      if (provider?.type === "hls") provider.library = () => import("hls.js");
    });
    await import("vidstack/player");
    await import("vidstack/player/layouts/default");
    await import("vidstack/player/ui");
    const canPlay = () => new Promise((done) => {
      if (player().state?.canPlay) done();
      else player().addEventListener("can-play", done, { once: true });
    });
    await canPlay();
    return {
      get api() {
        return player();
      },
      change: (source) => (player().src = source),
      // Those of hls.js, which Vidstack's own list switches as well: at times that list stays empty, for as long as the page lives.
      qualities: () => player().provider?.instance?.levels.length ?? 0,
      quality: (index) => (player().provider.instance.currentLevel = index),
      async rebuild() {
        player().remove();
        place.insertAdjacentHTML("beforeend", markup(sources));
        await canPlay();
      },
      destroy() {
        // It keeps its element, which a page takes off itself.
        const element = player();
        element.destroy();
        element.remove();
      },
    };
  },
  streams: ["hls"],
  container: "media-player",
  bar: ".vds-controls-group button, .vds-controls-group .vds-slider",
  play: ".vds-controls-group media-play-button",
  fullscreen: ".vds-controls-group media-fullscreen-button",
};
