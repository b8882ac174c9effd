// The browser's own controls. Their parts cannot be looked at, so they are known by their places.

const video = () => document.querySelector("main video");
/** A place by its distance from the left (negative: from the right) and from the bottom of the video. */
const at = (x, fromBottom) => {
  const box = video().getBoundingClientRect();
  return { x: x < 0 ? box.right + x : box.left + x, y: box.bottom - fromBottom };
};

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
  controls: () => [],
  nativeControls: true,
  play: () => at(26, 46),
  fullscreen: ".cuehook-fullscreen",
};
