import { nativeControls } from "./parts/native.js";

export default {
  // React renders the video.
  late: true,
  markup: () => `<div id="root"></div>`,
  async start(place, { main }) {
    const [{ default: React }, { default: ReactDom }, { default: ReactPlayer }] =
      await Promise.all([import("react"), import("react-dom/client"), import("react-player")]);
    const root = ReactDom.createRoot(document.querySelector("#root"));
    const render = (src, key) => {
      const style = { display: "block", width: "800px", height: "auto", aspectRatio: "16/9" };
      root.render(React.createElement(ReactPlayer, { key, src, controls: true, muted: true, playsInline: true, style }));
    };
    let turn = 0;
    render(main, turn);
    return {
      change: (source) => render(source, turn),
      qualities: () => document.querySelector("main hls-video")?.videoRenditions.length ?? 0,
      quality: (index) => (document.querySelector("main hls-video").videoRenditions.selectedIndex = index),
      // Another key: React makes everything anew.
      rebuild: () => render(main, ++turn),
      destroy: () => root.unmount(),
    };
  },
  streams: ["hls"],
  container: "#root > *",
  ...nativeControls(() => document.querySelector("#root > *")),
};
