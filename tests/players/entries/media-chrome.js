const BAR = "media-control-bar > *";

export default {
  markup: ({ main, poster }) =>
    `<media-controller style="width: 800px; aspect-ratio: 16/9">
       <video slot="media" src="${main}" playsinline muted></video>
       <media-poster-image slot="poster" src="${poster}"></media-poster-image>
       <media-control-bar>
         <media-play-button></media-play-button>
         <media-mute-button></media-mute-button>
         <media-volume-range></media-volume-range>
         <media-time-range></media-time-range>
         <media-time-display showduration></media-time-display>
         <media-playback-rate-button></media-playback-rate-button>
         <media-pip-button></media-pip-button>
         <media-fullscreen-button></media-fullscreen-button>
       </media-control-bar>
     </media-controller>`,
  async start(place) {
    await import("media-chrome");
    const video = () => place.querySelector("video");
    return {
      change: (source) => (video().src = source),
      rebuild() {
        const controller = place.querySelector("media-controller");
        const fresh = controller.cloneNode(true);
        // Nobody renders our stage.
        for (const stage of fresh.querySelectorAll(".cuehook-stage")) stage.remove();
        fresh.querySelector("video").muted = true;
        controller.replaceWith(fresh);
      },
      destroy: () => place.querySelector("media-controller").remove(),
    };
  },
  container: "media-controller",
  bar: BAR,
  play: "media-control-bar media-play-button",
  fullscreen: "media-control-bar media-fullscreen-button",
};
