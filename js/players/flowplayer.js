/** Flowplayer 3: what `flowplayer()` gives is the video; what covers it comes before the controls. */
export default (player) => ({
  media: player,
  mount(stage) {
    const controls = player.root.querySelector(".fp-controls");
    if (controls) controls.before(stage);
    else player.after(stage);
  },
});
