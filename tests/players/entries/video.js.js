import "video.js/dist/video-js.css";

export default {
  styles: true,
  markup: ({ main, poster }) =>
    `<video id="player" class="video-js" controls preload="auto" muted playsinline width="800" height="450" poster="${poster}">
       <source src="${main}" type="${typeOf(main)}">
     </video>`,
  async start(place, { main, poster }) {
    const { default: videojs } = await import("video.js");
    const init = () => new Promise((done) => {
      const player = videojs("player", { userActions: { hotkeys: true } }, () => done(player));
    });
    let player = await init();
    return {
      get api() {
        return player;
      },
      change: (source) => player.src({ src: source, type: typeOf(source) }),
      qualities: () => player.qualityLevels?.().length ?? 0,
      async quality(index) {
        // A switch that comes while a segment is being loaded gets lost now and then.
        while (player.bufferedEnd() < player.duration() - 1) await new Promise((done) => setTimeout(done, 100));
        const levels = player.qualityLevels();
        // It switches when a level is enabled, not when others are disabled.
        for (let at = 0; at < levels.length; at += 1) levels[at].enabled = false;
        levels[index].enabled = true;
      },
      async rebuild() {
        player.dispose();
        place.insertAdjacentHTML("beforeend", this.markup);
        player = await init();
      },
      markup: `<video id="player" class="video-js" controls muted playsinline width="800" height="450" poster="${poster}"><source src="${main}" type="${typeOf(main)}"></video>`,
      destroy: () => player.dispose(),
    };
  },
  streams: ["hls", "dash"],
  container: ".video-js",
  bar: ".vjs-control-bar button, .vjs-progress-holder",
  play: ".vjs-control-bar .vjs-play-control",
  fullscreen: ".vjs-control-bar .vjs-fullscreen-control",
};

const TYPES = { webm: "video/webm", mp4: "video/mp4", m3u8: "application/x-mpegURL", mpd: "application/dash+xml" };
const typeOf = (source) => TYPES[source.split(".").at(-1)];
