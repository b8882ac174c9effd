/** `<mux-player>`: what is put into it lies under its controls. */
export default (player) => ({
  media: player,
  get picture() {
    return player.media?.nativeEl;
  },
  mount(stage) {
    player.append(stage);
  },
});
