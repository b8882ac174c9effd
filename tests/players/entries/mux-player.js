const markup = ({ main, poster }) =>
  `<mux-player stream-type="on-demand" src="${main}" poster="${poster}" muted disable-tracking disable-cookies style="display: block; width: 800px; aspect-ratio: 16/9"></mux-player>`;
const element = () => document.querySelector("main mux-player");

export default {
  // It has no interface of a media element before it is defined.
  late: true,
  plays: "hls",
  streams: ["hls"],
  markup,
  async start(place, sources) {
    await import("@mux/mux-player");
    return {
      get api() {
        return element();
      },
      change: (source) => (element().src = source),
      qualities: () => element().media.videoRenditions.length,
      quality: (index) => (element().media.videoRenditions.selectedIndex = index),
      rebuild() {
        element().remove();
        place.insertAdjacentHTML("beforeend", markup(sources));
      },
      destroy: () => element().remove(),
    };
  },
  container: "mux-player",
  bar: "media-control-bar media-play-button, media-time-range, media-control-bar media-mute-button, \
    media-control-bar media-fullscreen-button, media-control-bar media-seek-backward-button",
  play: "media-control-bar media-play-button",
  fullscreen: "media-control-bar media-fullscreen-button",
};
