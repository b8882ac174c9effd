// Looks at a page as a viewer does: through open shadow roots.

/** All elements that match, also inside open shadow roots, in document order. */
export function every(selector, root = document) {
  const found = [];
  const walk = (node) => {
    for (const element of node.querySelectorAll("*")) {
      if (element.matches(selector)) found.push(element);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(root);
  return found;
}

/** What is hit at a point of the window. */
export function deepest(x, y) {
  let hit = document.elementFromPoint(x, y);
  while (hit?.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
}

/** Whether a node lies in another one, as it is shown: slots and shadow roots count. */
export function isInside(node, other) {
  while (node) {
    if (node === other) return true;
    node = node.assignedSlot ?? node.parentNode ?? node.host;
  }
  return false;
}

/** A node in a few words. */
export function nameOf(node) {
  if (!node) return "nothing";
  if (!node.localName) return node.host ? `the shadow root of ${nameOf(node.host)}` : node.nodeName;
  const id = node.id ? `#${node.id}` : "";
  const classes = String(node.getAttribute("class") ?? "").trim().split(/\s+/).filter(Boolean).slice(0, 3);
  const own = node.dataset?.cuehookElement ? `[${node.dataset.cuehookElement}]` : "";
  return `${node.localName}${id}${classes.map((text) => `.${text}`).join("")}${own}`;
}

export function placeOf(node) {
  const { left, top, width, height } = node.getBoundingClientRect();
  return { left, top, width, height };
}

/** Where the picture of a native video is in the window; that of something else fills its box. */
export function pictureOf(video) {
  const outer = video.getBoundingClientRect();
  const style = getComputedStyle(video);
  const length = (name) => Number.parseFloat(style.getPropertyValue(name)) || 0;
  const box = {
    left: outer.left + length("border-left-width") + length("padding-left"),
    top: outer.top + length("border-top-width") + length("padding-top"),
    width: outer.width - ["border-left-width", "padding-left", "padding-right", "border-right-width"].map(length).reduce((a, b) => a + b),
    height: outer.height - ["border-top-width", "padding-top", "padding-bottom", "border-bottom-width"].map(length).reduce((a, b) => a + b),
  };
  // Without a size of its own it fills the box.
  const known = video.videoWidth > 0 && video.videoHeight > 0;
  const natural = known ? { width: video.videoWidth, height: video.videoHeight } : { width: box.width, height: box.height };
  const across = box.width / natural.width, down = box.height / natural.height;
  const scale = { contain: Math.min(across, down), cover: Math.max(across, down), none: 1, "scale-down": Math.min(1, across, down) };
  // An element that shows something else than a native video shows all of it.
  const factor = scale[video.localName === "video" ? style.objectFit : "contain"];
  const [width, height] = factor === undefined ? [box.width, box.height] : [natural.width * factor, natural.height * factor];
  return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height, box, natural };
}
