// Changes of notices, made only where something differs: focus, selections and screen readers are left alone.

/** Puts a notice before another one, or at the end. */
export function placeNotice(region, node, before = null) {
  if (node.parentNode !== region || node.nextSibling !== before) region.insertBefore(node, before);
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
