/** Plyr 3: `player.source = …` makes another video, and Plyr is ready once more. */
export default (player) => ({
  get media() {
    return player.media;
  },
  mount(stage) {
    // As high as the poster, which comes before it.
    stage.style.zIndex = 1;
    player.elements.wrapper.append(stage);
  },
  onReplace(callback) {
    const tell = () => callback(player.media);
    player.on("ready", tell);
    return () => player.off("ready", tell);
  },
});
