/** Small helpers to build nodes. Nothing here takes markup: the page's policy allows no HTML sink. */

/** Makes an element: `h("p", { class: "big", onclick }, "text", child)`. Null children are left out. */
export function h(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A line drawing of 24 by 24 that says nothing by itself. */
export function drawing(path) {
  const [svg, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** A button that copies what `text()` gives. */
export function copyButton(label, text) {
  const button = h("button", { type: "button", class: "copy" }, label);
  let timer;
  button.addEventListener("click", async () => {
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      said = "Not allowed";
    }
    button.textContent = said;
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = label), 1600);
  });
  return button;
}

/** Seconds of the film as `0:07.4`. */
export function clock(seconds, digits = 1) {
  const whole = Math.max(0, Number(seconds) || 0);
  const rest = (whole % 60).toFixed(digits);
  return `${Math.floor(whole / 60)}:${rest.padStart(digits ? digits + 3 : 2, "0")}`;
}

/** Milliseconds for people. */
export function duration(milliseconds) {
  if (!Number.isFinite(milliseconds)) return "";
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** Bytes for people. */
export function size(bytes) {
  return bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`;
}
