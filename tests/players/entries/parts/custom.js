/** What an entry says of an element that plays HLS and has the interface of `<video>`. */
export const custom = (tag, define) => {
  const markup = ({ main, poster }) =>
    `<${tag} src="${main}" poster="${poster}" controls playsinline muted style="display: block; width: 800px; aspect-ratio: 16/9"></${tag}>`;
  const element = () => document.querySelector(`main ${tag}`);
  return {
    late: true,
    plays: "hls",
    streams: ["hls"],
    markup,
    async start(place, sources) {
      await define();
      return {
        change: (source) => (element().src = source),
        qualities: () => element().videoRenditions.length,
        quality: (index) => (element().videoRenditions.selectedIndex = index),
        rebuild() {
          element().remove();
          place.insertAdjacentHTML("beforeend", markup(sources));
        },
        destroy: () => element().remove(),
      };
    },
    container: tag,
  };
};
