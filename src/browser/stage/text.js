// What is shown, as text for screen readers.

/** So many characters are said; who wants to hear more goes there. */
const MOST_SAID = 500;

/** The visible text of a node with single blanks, pictures by what stands for them, and a short pause between blocks. */
export function textOf(node) {
  const blocks = spoken(node).split("\n").map((block) => block.replace(/ +/g, " ").trim()).filter(Boolean);
  const text = blocks.reduce((before, block) => `${before}${/\p{P}$/u.test(before) ? "" : ","} ${block}`, "").slice(2);
  return text.length > MOST_SAID ? `${text.slice(0, MOST_SAID).replace(/\s\S*$/, "")} …` : text;
}

function spoken(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\s+/g, " ");
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches("[aria-hidden=true],input,select,textarea")) return "";
  const { display, visibility } = getComputedStyle(node);
  if (display === "none") return "";
  // What is in a line without a break is one word.
  const gap = (display === "inline" && !node.matches("img,svg,br")) || display === "contents" ? "" : "\n";
  const isRead = (child) => child.nodeType !== Node.TEXT_NODE || visibility === "visible";
  const inside = [...node.childNodes].filter(isRead).map(spoken).join("");
  const named = node.matches("img,svg,button,a,[role=img]") && node.getAttribute("aria-label");
  return gap + (named || (node.getAttribute("alt") ?? inside)) + gap;
}
