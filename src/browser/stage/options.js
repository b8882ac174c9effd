// What viewers may set for themselves: a small button, and what it opens.

/** Where the viewer's wish is kept, for this tab. */
const PAUSE_KEY = "cuehook:pause-always";
let panels = 0;

export class ViewerOptions {
  #stage;
  #root = makeNode("div", "cuehook-options");
  #button = makeNode("button", "cuehook-button cuehook-options-button");
  #panel = makeNode("div", "cuehook-panel");
  #title = makeNode("div", "cuehook-panel-title");
  #label = makeNode("label");
  #check = makeNode("input");
  #wish = makeNode("span");
  #list = makeNode("ul");
  #ask;
  #isOffered = {};
  #outside = (event) => {
    const isInside = event.composedPath().includes(this.#root);
    if (event.type === "keydown") {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      // One thing at a time: it closes neither a dialog below nor full window as well.
      event.preventDefault();
      event.stopImmediatePropagation();
      this.#show(false);
      this.#button.focus({ preventScroll: true });
    } else if (!isInside) this.#show(false);
  };

  /** `ask` is given what the viewer does: "pause" (1 or 0), "open" (place in the document); "list" gives places and names. */
  constructor(stage, ask) {
    this.#stage = stage;
    this.#ask = ask;
    this.#button.type = "button";
    const ns = "http://www.w3.org/2000/svg";
    const icon = document.createElementNS(ns, "svg");
    const lines = document.createElementNS(ns, "path");
    for (const [name, value] of [["viewBox", "0 0 24 24"], ["fill", "none"], ["aria-hidden", "true"]]) icon.setAttribute(name, value);
    lines.setAttribute("d", "M4 6h2m4 0h10M4 12h2m4 0h10M4 18h2m4 0h10");
    lines.setAttribute("stroke", "currentColor");
    lines.setAttribute("stroke-width", "2.4");
    icon.append(lines);
    this.#button.append(icon);
    const number = ++panels;
    this.#panel.id = `cuehook-panel-${number}`;
    this.#title.id = `cuehook-panel-title-${number}`;
    this.#panel.setAttribute("role", "group");
    this.#panel.setAttribute("aria-labelledby", this.#title.id);
    this.#button.setAttribute("aria-controls", this.#panel.id);
    this.#check.type = "checkbox";
    this.#label.append(this.#check, this.#wish);
    this.#panel.append(this.#title, this.#label, this.#list);
    this.#root.append(this.#button, this.#panel);
    this.#show(false);
    this.#button.addEventListener("click", () => this.#show(this.#panel.hidden));
    this.#check.addEventListener("change", () => this.#pause(this.#check.checked));
    this.#root.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.#root.contains(relatedTarget)) this.#show(false);
    });
    this.#check.checked = attemptStorage((storage) => storage.getItem(PAUSE_KEY)) === "1";
  }

  /** Offers these from now on, in these words. */
  offer(pause, list, title, wish) {
    const before = this.#isOffered;
    this.#isOffered = { pause, list };
    this.#button.setAttribute("aria-label", title);
    this.#title.textContent = title;
    this.#wish.textContent = wish;
    this.#label.hidden = !pause;
    this.#list.hidden = !list;
    if (pause || list) {
      if (!this.#root.isConnected) this.#stage.append(this.#root);
    } else this.#root.remove();
    if (Boolean(before.pause) !== pause && this.#check.checked) this.#ask("pause", Number(pause));
  }

  end() {
    this.#show(false);
    this.#root.remove();
  }

  #pause(isWanted) {
    attemptStorage((storage) => storage.setItem(PAUSE_KEY, isWanted ? "1" : "0"));
    this.#ask("pause", Number(isWanted));
  }

  #show(isShown) {
    this.#panel.hidden = !isShown;
    this.#button.setAttribute("aria-expanded", String(isShown));
    // Before all others: theirs come with what lies below.
    const change = isShown ? "addEventListener" : "removeEventListener";
    for (const name of ["keydown", "pointerdown"]) window[change](name, this.#outside, true);
    if (isShown && this.#isOffered.list) this.#list.replaceChildren(...this.#ask("list", 0).map((entry) => this.#entry(entry)));
  }

  #entry([place, name]) {
    const entry = makeNode("li");
    const button = makeNode("button", "cuehook-button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      this.#show(false);
      this.#button.focus({ preventScroll: true });
      this.#ask("open", place);
    });
    entry.append(button);
    return entry;
  }
}

function makeNode(name, className = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  return node;
}

/** A page may have no storage, and say so by throwing. */
function attemptStorage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}
