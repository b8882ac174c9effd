import { nativeControls } from "./parts/native.js";

const video = () => document.querySelector("main video");

export default {
  markup: ({ main, poster }) =>
    `<video src="${main}" poster="${poster}" controls playsinline muted style="display: block; width: 100%"></video>`,
  start: async () => ({
    change: (source) => (video().src = source),
    rebuild() {
      const old = video();
      const fresh = old.cloneNode();
      fresh.muted = true;
      old.replaceWith(fresh);
    },
    destroy: () => video().remove(),
  }),
  ...nativeControls(video),
};
