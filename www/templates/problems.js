/** Remarks with the line they are about; a click leads there. */

import { h } from "/demo/dom.js";

/** So many characters of a long line are shown before and after the place. */
const AROUND = 44;
/** More are counted only. */
const MOST = 20;

/** Lists `problems`, each `{ line, column, message, kind }`, about the text of `field`. */
export function list(target, field, problems) {
  const lines = field.value.split("\n");
  const items = problems.slice(0, MOST).map((problem) => h("li", null, entry(field, lines, problem)));
  if (problems.length > MOST) items.push(h("li", null, `and ${problems.length - MOST} more`));
  target.replaceChildren(...items);
  field.setAttribute("aria-invalid", String(problems.some(({ kind }) => kind === "error")));
}

function entry(field, lines, { line, column, message, kind }) {
  const where = line ? `${kind === "error" ? "Error" : "Warning"}, line ${line}, column ${column}` : "Error";
  const parts = [h("span", { class: "where" }, where), h("span", { class: "what" }, ...words(message))];
  if (line) {
    // Columns count characters, not UTF-16 units.
    const characters = [...(lines[line - 1] ?? "").replaceAll("\t", " ")];
    const start = Math.max(0, column - 1 - AROUND);
    const shown = characters.slice(start, column - 1 + AROUND).join("");
    const before = start > 0 ? "…" : "";
    const caret = h("span", { class: "caret" }, "^");
    const blanks = " ".repeat(before.length + column - 1 - start);
    parts.push(h("code", { class: "line", "aria-hidden": "true" }, `${before}${shown}\n${blanks}`, caret));
  }
  const lead = () => line && goTo(field, lines, line, column);
  return h("button", { type: "button", class: "problem", "data-kind": kind, onclick: lead }, ...parts);
}

/** A message whose pieces in backquotes are code. */
export function words(message) {
  const pieces = message.split("`");
  return pieces.length % 2 ? pieces.map((piece, number) => (number % 2 ? h("code", null, piece) : piece)) : [message];
}

/** Puts the cursor at a place. */
function goTo(field, lines, line, column) {
  const before = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
  const inside = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
  field.focus();
  field.setSelectionRange(before + inside, before + inside);
  const height = parseFloat(getComputedStyle(field).lineHeight) || 20;
  field.scrollTop = Math.max(0, (line - 3) * height);
}
