/** Shaka Player with its UI: `shaka.ui.Overlay`. What covers the video holds the controls, too. */
export default (overlay) => ({
  media: overlay.getControls().getLocalVideo(),
  mount: (stage) => overlay.getControls().getControlsContainer().prepend(stage),
});
