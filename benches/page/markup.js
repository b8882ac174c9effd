// Nodes as text, to compare what two sides show.

/** Attributes in order of their names; without comments, which nobody sees. */
export function markup(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType === Node.COMMENT_NODE) return "";
  const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${value}"`).sort();
  return `<${node.localName}${attributes.join("")}>${inner(node)}</${node.localName}>`;
}

/** What is inside a node. */
export const inner = (node) => [...node.childNodes].map(markup).join("");
