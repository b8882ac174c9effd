/** What an entry says of a video with the browser's own controls. Their parts cannot be looked at: they are known by place. */
export const nativeControls = (video) => {
  /** A place by its distance from the left and from the bottom of the video. */
  const at = (x, fromBottom) => {
    const box = video().getBoundingClientRect();
    return { x: box.left + x, y: box.bottom - fromBottom };
  };
  return {
    controls: () => [],
    nativeControls: true,
    play: () => at(26, 46),
    fullscreen: ".cuehook-fullscreen",
  };
};
