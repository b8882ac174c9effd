/** Vidstack's `<media-player>`: its provider makes the video, and another one for other kinds of sources. */
export default (player) => ({
  media: player,
  get picture() {
    return player.querySelector("video");
  },
  onReplace(callback) {
    const tell = () => callback(player);
    player.addEventListener("provider-change", tell);
    return () => player.removeEventListener("provider-change", tell);
  },
});
