/** MediaElement.js 7: its layers cover the video, the controls come after them. */
export default (player) => ({
  media: player.node,
  mount(stage) {
    // As high as the layer with the large button for playing.
    stage.style.zIndex = 1;
    player.layers.append(stage);
  },
});
