/** What an entry says of a player in a frame, under the controls of Media Chrome, as its own documentation shows it. */
export const framed = (tag, define, addresses) => {
  const markup = (source) =>
    `<media-controller style="width: 800px; aspect-ratio: 16/9">
       <${tag} slot="media" src="${addresses[source]}" playsinline muted style="width: 100%; height: 100%"></${tag}>
       <media-control-bar>
         <media-play-button></media-play-button>
         <media-mute-button></media-mute-button>
         <media-time-range></media-time-range>
         <media-fullscreen-button></media-fullscreen-button>
       </media-control-bar>
     </media-controller>`;
  const element = () => document.querySelector(`main ${tag}`);
  return {
    markup: () => markup("main"),
    async start(place) {
      await import("media-chrome");
      await define();
      await element().loadComplete;
      return {
        change: (source) => (element().src = addresses[/advert/.test(source) ? "advert" : "other"]),
        async rebuild() {
          place.querySelector("media-controller").remove();
          place.insertAdjacentHTML("beforeend", markup("main"));
          await element().loadComplete;
        },
        destroy: () => place.querySelector("media-controller").remove(),
      };
    },
    clock: element,
    // The element of YouTube takes a late timer for a seek of the viewer.
    inner: () => element()?.shadowRoot?.querySelector("iframe")?.contentDocument?.querySelector("video"),
    picture: element,
    framed: true,
    late: true,
    container: "media-controller",
    bar: "media-control-bar > *",
    play: "media-control-bar media-play-button",
    fullscreen: "media-control-bar media-fullscreen-button",
  };
};
