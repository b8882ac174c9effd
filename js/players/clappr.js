/** Clappr: another source makes another video. */
export default (player) => ({
  get media() {
    return player.core.activePlayback.el;
  },
  onReplace(callback) {
    const tell = () => callback(player.core.activePlayback.el);
    player.core.on("core:active:container:changed", tell);
    return () => player.core.off("core:active:container:changed", tell);
  },
});
