/** The style sheet of `<cue-hook>` itself; what lies over the video has that of the module. */

let sheet;

/** The element is a block that positions its overlays, and fills the screen with the video in fullscreen. */
export function adoptStyles(root) {
  if (!root.adoptedStyleSheets) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`@layer cuehook {
      :where(cue-hook) { display: block; position: relative; }
      :where(cue-hook)[hidden] { display: none; }
      :where(cue-hook):is(:fullscreen, [full-window]) { background: #000; }
      :where(cue-hook)[full-window] { position: fixed !important; inset: 0; z-index: 2147483647; }
      :where(cue-hook):is(:fullscreen, [full-window]) > :where(video) {
        width: 100% !important; height: 100% !important; max-height: none !important; object-fit: contain;
      }
    }`);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}
