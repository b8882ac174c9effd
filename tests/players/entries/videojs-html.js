const markup = ({ main, poster }) =>
  `<video-player>
     <video-skin style="display: block; width: 800px; aspect-ratio: 16/9">
       <video slot="media" src="${main}" playsinline muted></video>
       <img slot="poster" src="${poster}" alt="">
     </video-skin>
   </video-player>`;

const video = () => document.querySelector("main video");

export default {
  markup,
  async start(place, sources) {
    await import("@videojs/html/video/player");
    await import("@videojs/html/video/skin");
    return {
      change: (source) => (video().src = source),
      rebuild() {
        place.querySelector("video-player").remove();
        place.insertAdjacentHTML("beforeend", markup(sources));
        video().muted = true;
      },
      destroy: () => place.querySelector("video-player").remove(),
    };
  },
  container: "video-skin",
  bar: "media-controls media-play-button, media-controls media-seek-button, media-controls media-time-slider, \
    media-controls media-mute-button, media-controls media-fullscreen-button, media-controls media-pip-button",
  play: "media-controls media-play-button",
  fullscreen: "media-controls media-fullscreen-button",
};
