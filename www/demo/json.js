/** Shows JSON: coloured, foldable, with placeholders marked. */

import { h } from "./dom.js";

/** Objects and lists up to this many characters stay on one line. */
const SHORT = 52;

/** A value as nodes. Members whose name is in `folded` start closed. */
export function jsonView(value, folded = []) {
  return h("div", { class: "json", translate: "no" }, entry(null, value, "", folded, 0));
}

function entry(key, value, tail, folded, depth) {
  const name = key === null ? [] : [h("span", { class: "k" }, JSON.stringify(key)), ": "];
  const isList = Array.isArray(value);
  if (value === null || typeof value !== "object") return line(name, [scalar(value)], tail);
  const members = isList ? value.map((item) => [null, item]) : Object.entries(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const closed = folded.includes(key);
  if (!closed && depth > 0 && JSON.stringify(value).length <= SHORT) return line(name, inline(value), tail);
  const count = isList ? `${members.length}` : Object.keys(value).slice(0, 3).join(", ") + (members.length > 3 ? ", …" : "");
  const body = members.map(([inner, item], index) =>
    entry(inner, item, index < members.length - 1 ? "," : "", folded, depth + 1));
  return h("details", { open: !closed },
    h("summary", null, ...name, open, h("span", { class: "folded" }, ` ${count} `, close, tail)),
    h("div", { class: "members" }, ...body),
    h("div", { class: "line" }, close, tail));
}

function line(name, parts, tail) {
  return h("div", { class: "line" }, ...name, ...parts, tail);
}

function inline(value) {
  if (value === null || typeof value !== "object") return [scalar(value)];
  const isList = Array.isArray(value);
  const members = isList ? value.map((item) => [null, item]) : Object.entries(value);
  const parts = [];
  for (const [key, item] of members) {
    if (parts.length > 0) parts.push(", ");
    if (key !== null) parts.push(h("span", { class: "k" }, JSON.stringify(key)), ": ");
    parts.push(...inline(item));
  }
  if (isList) return ["[", ...parts, "]"];
  return parts.length === 0 ? ["{}"] : ["{ ", ...parts, " }"];
}

function scalar(value) {
  if (typeof value === "string") return h("span", { class: "s" }, ...placeholders(JSON.stringify(value)));
  if (typeof value === "number") return h("span", { class: "n" }, String(value));
  return h("span", { class: "b" }, String(value));
}

/** Text with its `${…}` marked. */
export function placeholders(text) {
  return text.split(/(\$\{[^}]*\})/).map((part) => (part.startsWith("${") ? h("mark", null, part) : part));
}

/** Colours a code sample that stands in the page as text. */
export function paintCode(pre) {
  const code = pre.querySelector("code");
  const text = code.textContent;
  const rule = RULES[pre.dataset.code];
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(rule)) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    parts.push(text.slice(end, match.index), h("span", { class: kind }, ...placeholders(match[0])));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  code.replaceChildren(...parts);
  return text;
}

const JSON_RULE = /(?<k>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<s>"(?:[^"\\]|\\.)*")|(?<n>(?<![\w"-])-?\d+(?:\.\d+)?(?![\w-]))|(?<b>\b(?:true|false|null)\b)/g;
const RULES = {
  html: /(?<k><\/?[\w-]+|(?<=[\w"])>)|(?<s>"[^"]*")|(?<b>\b(?:type|src|controls|playsinline)(?==|>|\s))/g,
  json: JSON_RULE,
  http: /(?<b>^(?:POST .*|HTTP.*)$)|(?<k>"[^"]*"(?=\s*:)|^[\w-]+(?=:))|(?<s>"[^"]*")/gm,
};
