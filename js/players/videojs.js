/** video.js 8: the video of the tech that plays now, and the place between poster and controls. */
export default (player) => ({
  get media() {
    return player.tech(true).el();
  },
  mount: (stage) => player.getChild("posterImage").el().after(stage),
  onReplace(callback) {
    const tell = () => callback(player.tech(true).el());
    player.on("loadstart", tell);
    return () => player.off("loadstart", tell);
  },
});
