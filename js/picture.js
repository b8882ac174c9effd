/** Finds what shows the picture: inside a player that is the native video, and only its box says where the picture is. */

/** Whatever matches inside an element, through open shadow roots, in no particular order. */
export function inside(root, css) {
  const found = [...root.querySelectorAll(css)];
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (element.shadowRoot) found.push(...inside(element.shadowRoot, css));
  }
  return found;
}

/** In CSS pixels squared. */
export const area = (element) => {
  const { width, height } = element.getBoundingClientRect();
  return width * height;
};

/** The largest of the native videos in `root`, or of the frames if there is no video. */
function largest(root) {
  for (const css of ["video", "iframe"]) {
    const shown = inside(root, css).filter((element) => !element.closest(".cuehook-stage"));
    if (shown.length > 0) return shown.reduce((best, other) => (area(other) > area(best) ? other : best));
  }
  return undefined;
}

/** What shows the picture of a media element; for an object that is none, what is shown in `host`. */
export function pictureOf(media, host) {
  if (media.localName === "video") return media;
  return largest(media.nodeType ? media : host) ?? (media.nodeType ? media : host);
}
