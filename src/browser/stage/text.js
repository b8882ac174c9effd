// What is shown, as text for screen readers.

/** So many characters are said; who wants to hear more goes there. */
const LONGEST_SAYING = 500;

/** The visible text of a node with single blanks; pictures by what stands for them. */
export function textOf(node) {
  const text = spoken(node).replace(/\s+/g, " ").trim();
  return text.length > LONGEST_SAYING ? `${text.slice(0, LONGEST_SAYING).replace(/\s\S*$/, "")} …` : text;
}

function spoken(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches("[aria-hidden=true],input,select,textarea")) return "";
  const { display, visibility } = getComputedStyle(node);
  if (display === "none") return "";
  // What is in a line without a break is one word.
  const gap = display === "inline" || display === "contents" ? "" : " ";
  const isRead = (child) => child.nodeType !== Node.TEXT_NODE || visibility === "visible";
  const inside = [...node.childNodes].filter(isRead).map(spoken).join("");
  const named = node.matches("img,svg,button,a,[role=img]") && node.getAttribute("aria-label");
  const own = named || (node.localName === "br" ? " " : (node.getAttribute("alt") ?? inside));
  return gap + own + gap;
}
