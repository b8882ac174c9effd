// Measures where a picture can be, and puts the stage over it. Which part of that the picture is follows in geometry.rs.

const pixels = (text) => Number.parseFloat(text) || 0;

/**
 * Of the element that shows the picture: width and height of its content box, where the corner of the stage has to be set so
 * that it is in the corner of that box, and how the picture is fitted.
 */
export function measurePicture(shown, stage) {
  const style = getComputedStyle(shown);
  const outer = shown.getBoundingClientRect();
  const now = stage.getBoundingClientRect();
  const width = shown.offsetWidth;
  // Transforms scale what is measured on the page, but not what is set by style.
  // `offsetWidth` is rounded: a difference below a pixel is no scale.
  const isScaled = width > 0 && outer.width > 0 && Math.abs(outer.width - width) >= 1;
  const scale = isScaled ? outer.width / width : 1;
  const [left, top, right, bottom] = ["Left", "Top", "Right", "Bottom"].map(
    (side) => pixels(style[`border${side}Width`]) + pixels(style[`padding${side}`]),
  );
  // Only <video> obeys these; players around it show the whole picture unless they say otherwise by Media Chrome's.
  const prefix = shown.localName === "video" ? "" : "--media-";
  return [
    outer.width / scale - left - right,
    outer.height / scale - top - bottom,
    pixels(stage.style.left) + (outer.left - now.left) / scale + left,
    pixels(stage.style.top) + (outer.top - now.top) / scale + top,
    style.getPropertyValue(`${prefix}object-fit`),
    style.getPropertyValue(`${prefix}object-position`),
  ];
}

/** Sets places and sizes, in pixels. Browsers lay out in 64ths of a pixel; more digits are noise. */
export function layOut(node, left, top, width, height) {
  for (const [name, value] of Object.entries({ left, top, width, height })) {
    node.style[name] = `${Math.round(value * 64) / 64}px`;
  }
}

/** Whether what sticks out of the stage is cut off, and how far its picture is from the bottom of the content box. */
export function boundStage(stage, isClipped, below) {
  stage.style.overflow = isClipped ? "clip" : "visible";
  stage.style.setProperty("--_below", `${Math.round(below * 64) / 64}px`);
}
