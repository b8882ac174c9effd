/** Artplayer 5: the video itself lies above others. */
export default (player) => ({
  media: player.video,
  mount(stage) {
    stage.style.zIndex = 10;
    player.video.after(stage);
  },
});
