/**
 * Cuehook: an interactive-video webhook runtime.
 *
 * This file is the face: it loads the WebAssembly module when the first instance needs it, and makes it a custom
 * element and a handle. What it does is documented in cuehook.d.ts. Importing it touches nothing, not even in Node,
 * except that it defines `<cue-hook>` and `globalThis.Cuehook` where there is a document.
 */

const inBrowser = typeof document !== "undefined" && typeof HTMLElement !== "undefined";
const TAG = "cue-hook";
/** How long the report of a Content-Security-Policy may take after the refusal itself, in milliseconds. */
const VIOLATION_GRACE = 50;

/** What the page set before this script ran, such as `globalThis.Cuehook = { wasmUrl: "/cuehook.wasm" }`. */
const present = globalThis.Cuehook;
const config = { wasmUrl: present?.wasmUrl, expressions: present?.expressions === true };

/** An error of the shape that the module's own errors have. */
function failure(code, message, cause) {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.name = "CuehookError";
  error.code = code;
  return error;
}

/** Whatever was thrown, as a CuehookError. A trap of the module is our own fault. */
function understood(thrown) {
  if (thrown?.name === "CuehookError") return thrown;
  return failure("internal", `Cuehook has failed: ${thrown?.message ?? thrown}`, thrown);
}

/** The expression of a placeholder or of a tag, up to its default or end. */
const EXPRESSION =
  /\$<([^!>]*)|(?:\$\{|\{\{|\{%-?\s*(?:(?:el)?if\b|for\s[\w\s]+\sin\b|set\s[\w\s]+=))((?:!=|%(?!\})|[^!}%])*)/g;
/** What holds no operators: texts, fixed keys, and the arguments of filters. */
const TEXTS = /\\?"[^"]*"|'[^']*'/g;
const FIXED = /\[\d+\]|(\|\s*\w+\s*)\([\s\w.,-]*\)/g;
/** More than paths, filters and comparisons. */
const COMPUTES = /[+*/~%([{]|[\w\])]\s*-|\b(?:if|in)\b/;

/**
 * Whether a project computes something, as in `${score + 5}`. Almost half of the module is there for that; projects
 * whose expressions are paths, filters and comparisons get a build without. A guess: that build itself says so if it
 * is wrong.
 */
function computes(text) {
  for (const [, angle, rest] of text.matchAll(EXPRESSION)) {
    if (COMPUTES.test((angle ?? rest).replace(TEXTS, "0").replace(FIXED, "$1"))) return true;
  }
  return false;
}

const modules = new Map();
let loadFailureLogged = false;

/** The module that a project needs. */
async function moduleFor(text) {
  if (config.wasmUrl || config.expressions || computes(text)) return load("full/");
  const small = await load("");
  return small.supports(text) ? small : load("full/");
}

/** A build of the module: fetched and compiled once, and again only if that failed. */
function load(build) {
  if (!modules.has(build)) {
    const loading = fetchModule(build).catch((error) => {
      modules.delete(build);
      if (!loadFailureLogged) console.error(`[cuehook] ${error.message}`);
      loadFailureLogged = true;
      throw error;
    });
    modules.set(build, loading);
  }
  return modules.get(build);
}

async function fetchModule(build) {
  const violations = [];
  const note = (event) => violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
  document.addEventListener("securitypolicyviolation", note);
  const full = build === "full/";
  // Written out, so that bundlers find the files.
  const url =
    config.wasmUrl ??
    (full
      ? new URL("./dist/full/cuehook_bg.wasm", import.meta.url)
      : new URL("./dist/cuehook_bg.wasm", import.meta.url));
  try {
    const bindings = await (full ? import("./dist/full/cuehook.js") : import("./dist/cuehook.js"));
    await bindings.default({ module_or_path: url });
    return bindings;
  } catch (cause) {
    const ours = (text) => /wasm-eval|cuehook/.test(text) || text.includes(url);
    if (!violations.some(ours)) await new Promise((resolve) => setTimeout(resolve, VIOLATION_GRACE));
    if (violations.some(ours) || /content security policy|unsafe-eval/i.test(cause?.message)) {
      throw failure(
        "csp",
        "The page's Content-Security-Policy keeps Cuehook from starting. It needs script-src 'wasm-unsafe-eval', and " +
          `connect-src for the .wasm file and for the webhooks. The browser said: ${cause?.message}`,
        cause,
      );
    }
    throw failure(
      "wasm-load",
      `Cuehook's WebAssembly module could not be loaded, so the video plays without it: ${cause?.message}`,
      cause,
    );
  } finally {
    document.removeEventListener("securitypolicyviolation", note);
  }
}

/** The text of a project document: an object, JSON text, or the address of a file. */
async function projectText(project) {
  if (typeof project === "string" && project.trimStart().startsWith("{")) return project;
  if (typeof project !== "string" && !(project instanceof URL)) {
    try {
      return JSON.stringify(project) ?? "null";
    } catch (cause) {
      throw failure("config-invalid", `The project cannot be written as JSON: ${cause.message}`, cause);
    }
  }
  let url;
  try {
    url = new URL(project, document.baseURI);
  } catch (cause) {
    throw failure("config-invalid", `The project's address \`${project}\` is no URL.`, cause);
  }
  let response;
  let text;
  try {
    response = await fetch(url);
    text = await response.text();
  } catch (cause) {
    throw failure("network", `The project ${url} could not be loaded: ${cause?.message ?? cause}`, cause);
  }
  if (!response.ok) {
    throw failure("http-status", `The project ${url} could not be loaded: status ${response.status}.`);
  }
  return text;
}

/** Tells the page of an error that the module could not tell itself. */
function report(host, media, error) {
  const { code, message } = error;
  if (code !== "wasm-load" && code !== "csp") console.error(`[cuehook] ${message}`);
  const detail = { mediaTime: Number(media?.currentTime) || 0, code, message };
  host.dispatchEvent(new CustomEvent("cuehook:error", { bubbles: true, composed: true, detail }));
}

/** One instance. What is called before it is ready waits until it is. */
class Handle {
  #bindings;
  #inner;
  #ended = false;
  #updates = 0;

  /** `document` is the project's text, or a promise of it. */
  constructor(host, media, document, options) {
    this.ready = this.#mount(host, media, document, options);
    // Whoever does not look at `ready` hears of it by `cuehook:error`.
    this.ready.catch(() => {});
    this.variables = Object.freeze({
      get: (...name) => {
        if (name.length === 0) return this.#inner?.variables() ?? {};
        return this.#inner?.variable(String(name[0]));
      },
      set: (name, value) => this.#soon((inner) => inner.setVariable(String(name), value)),
    });
  }

  async #mount(host, media, document, options) {
    try {
      const text = await document;
      const bindings = (this.#bindings = await moduleFor(text));
      if (this.#ended) throw failure("aborted", "This instance was destroyed before it was ready.");
      this.#inner = bindings.attach(host, media, text, options);
    } catch (thrown) {
      const error = understood(thrown);
      // The module has told of problems in the document itself.
      if (!error.problems && error.code !== "aborted") report(host, media, error);
      throw error;
    }
    this.#inner.start();
    return this;
  }

  /** Does something now, or when the instance is ready. */
  #soon(action) {
    if (this.#ended) return;
    if (this.#inner) action(this.#inner);
    else this.ready.then(() => this.#soon(action), () => {});
  }

  async execute(id, params) {
    if (!this.#inner && !this.#ended) await this.ready;
    if (!this.#inner) throw failure("aborted", "This instance has been destroyed.");
    return this.#inner.execute(String(id), params);
  }

  get interactions() {
    return this.#inner?.interactions() ?? [];
  }

  async update(project) {
    const update = ++this.#updates;
    const [text] = await Promise.all([projectText(project), this.ready]);
    if (update !== this.#updates) throw failure("aborted", "A newer update came before this project was loaded.");
    if (!this.#bindings.supports(text)) {
      const remedy = "set `globalThis.Cuehook = { expressions: true }` before Cuehook's script";
      const error = failure("config-invalid", `The new project computes, the one before did not; to allow for that, ${remedy}.`);
      throw Object.assign(error, { computes: true });
    }
    this.#soon((inner) => inner.update(text));
  }

  destroy() {
    if (this.#ended) return;
    this.#ended = true;
    const inner = this.#inner;
    this.#inner = undefined;
    inner?.destroy();
  }
}

/** Lays a project over a media element, without the custom element. */
export async function attach(media, project, options = {}) {
  const { host = media, ...rest } = options ?? {};
  if (!(host instanceof Element)) {
    throw failure("config-invalid", "The media object is no element: pass `host`, the element that gets the overlays.");
  }
  return new Handle(host, media, projectText(project), rest).ready;
}

/** Whether something has the subset of HTMLMediaElement that is needed. */
const isMedia = (candidate) => typeof candidate?.play === "function" && "currentTime" in candidate;

/**
 * The first media element inside `root`: a native one, or a custom element that behaves like one. Custom elements that
 * are not defined yet are waited for, but none in particular: some never are.
 */
async function findMedia(root) {
  for (;;) {
    const media = root.querySelector("video, audio") ?? [...root.querySelectorAll("*")].find(isMedia);
    if (media) return media;
    const undefinedYet = [...root.querySelectorAll(":not(:defined)")].map(({ localName }) => localName);
    if (undefinedYet.length === 0) return null;
    const defined = [...new Set(undefinedYet)].map((name) => customElements.whenDefined(name));
    await Promise.race([...defined, change(root)]);
  }
}

/** Whether an element is a media element, once it is what it is going to be. */
async function settles(element) {
  const name = element.localName;
  if (name.includes("-") && name !== TAG) await customElements.whenDefined(name);
  return isMedia(element);
}

/**
 * A button that shows `host`, and so the overlays, in fullscreen.
 *
 * The button among a video's native controls shows the bare video, over which nothing can lie, and a page can neither
 * catch that nor turn it into something else. So it is taken out where browsers allow that (`controlslist`). Where no
 * element but a video can be in fullscreen, as on iPhones, the element fills the window instead.
 */
function offerFullscreen(host, media) {
  const stage = media.nextElementSibling;
  const ours = media.localName === "video" && media.controls && stage?.matches(".cuehook-stage");
  // Around a video that lies elsewhere (`for`) the element would go fullscreen alone.
  if (!ours || !host.contains(media)) return () => {};
  const takenOut = media.controlsList?.contains("nofullscreen") === false;
  if (takenOut) media.controlsList.add("nofullscreen");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cuehook-button cuehook-fullscreen";
  button.setAttribute("aria-label", host.getAttribute("fullscreen-label") ?? "Full screen");
  const namespace = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", fill: "none", "aria-hidden": "true" })) {
    icon.setAttribute(name, value);
  }
  const lines = { d: "M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5", stroke: "currentColor", "stroke-width": "2.2" };
  for (const [name, value] of Object.entries(lines)) path.setAttribute(name, value);
  icon.append(path);
  button.append(icon);
  const leaveWindow = (event) => event.key === "Escape" && fillWindow(false);
  const fillWindow = (fill) => {
    host.toggleAttribute("full-window", fill);
    button.setAttribute("aria-pressed", String(fill));
    if (fill) document.addEventListener("keydown", leaveWindow, true);
    else document.removeEventListener("keydown", leaveWindow, true);
    window.dispatchEvent(new Event("resize"));
  };
  const changed = () => button.setAttribute("aria-pressed", String(document.fullscreenElement === host));
  button.addEventListener("click", () => {
    if (document.fullscreenElement === host) document.exitFullscreen();
    else if (host.requestFullscreen) host.requestFullscreen().catch(() => fillWindow(true));
    else fillWindow(!host.hasAttribute("full-window"));
  });
  host.addEventListener("fullscreenchange", changed);
  changed();
  stage.append(button);
  return () => {
    if (host.hasAttribute("full-window")) fillWindow(false);
    host.removeEventListener("fullscreenchange", changed);
    button.remove();
    if (takenOut) media.controlsList.remove("nofullscreen");
  };
}

/** The document has been parsed. */
function parsed() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
  promise.catch(() => {});
  return { promise, ...settle };
}

export class CueHook extends (inBrowser ? HTMLElement : class {}) {
  static observedAttributes = ["src", "for", "allow-origins"];

  #handle;
  #ready = deferred();
  /** Counts starts: what belongs to an earlier one is over. */
  #turn = 0;
  #running = new Set();
  #endFullscreen = () => {};

  constructor() {
    super();
    const own = (name, listener) =>
      this.addEventListener(`cuehook:${name}`, (event) => event.target === this && listener(event.detail));
    own("error", ({ code }) => this.setAttribute("error", code));
    own("request", ({ requestId }) => this.#busy(requestId, true));
    own("settled", ({ requestId, outcome }) => {
      this.#busy(requestId, false);
      if (outcome === "ok") this.removeAttribute("error");
    });
    own("ready", () => this.toggleAttribute("ready", true));
  }

  /** The handle, once media element and project are known. */
  get handle() {
    return this.#handle;
  }

  /** Gives the handle when the first elements may appear. */
  get ready() {
    return this.#ready.promise;
  }

  async execute(id, params) {
    return (await this.ready).execute(id, params);
  }

  connectedCallback() {
    adoptStyles(this.getRootNode());
    // Moving the element inside the document disconnects and connects it: then it just goes on.
    if (this.#turn === 0) this.#start();
  }

  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.#stop());
  }

  attributeChangedCallback(name, before, after) {
    if (this.#turn === 0 || before === after) return;
    if (name === "src" && after && this.#handle) {
      this.#handle.update(after).catch((thrown) => {
        // The new project needs the other build of the module.
        if (thrown.computes) return this.#restart();
        const error = understood(thrown);
        // The module has told of problems itself; whatever came in between has the last word.
        if (!error.problems && error.code !== "aborted") report(this, undefined, error);
      });
    } else {
      this.#restart();
    }
  }

  #restart() {
    this.#stop();
    if (this.isConnected) this.#start();
  }

  async #start() {
    const turn = ++CueHook.#turns;
    this.#turn = turn;
    await parsed();
    const media = await this.#media(turn);
    if (turn !== this.#turn) return;
    const waiting = this.#ready;
    try {
      const options = { allowOrigins: this.getAttribute("allow-origins")?.split(/[\s,]+/).filter(Boolean) };
      this.#handle = new Handle(this, media, this.#project(), options);
      const handle = await this.#handle.ready;
      if (turn !== this.#turn) return;
      this.#endFullscreen = offerFullscreen(this, media);
      waiting.resolve(handle);
    } catch (thrown) {
      const error = understood(thrown);
      waiting.reject(error);
      // Nobody is interested in how an earlier turn ended.
      if (turn !== this.#turn) return;
      if (!this.#handle) report(this, media, error);
      // Another `src` starts anew.
      this.#handle = undefined;
    }
  }

  static #turns = 0;

  #stop() {
    this.#turn = 0;
    this.#endFullscreen();
    this.#endFullscreen = () => {};
    this.#handle?.destroy();
    this.#handle = undefined;
    this.#running.clear();
    this.#ready.reject(failure("aborted", "The element was taken off the page."));
    this.#ready = deferred();
    for (const name of ["ready", "busy", "error"]) this.removeAttribute(name);
  }

  /** The media element: by `for`, or inside. Waits until it is there. */
  async #media(turn) {
    const id = this.getAttribute("for");
    const find = () => (id ? this.getRootNode().getElementById?.(id) : null);
    const look = async () => {
      if (!id) return findMedia(this);
      const element = find();
      return element && (await settles(element)) ? element : null;
    };
    let media = await look();
    if (media || turn !== this.#turn) return media;
    console.warn(
      id
        ? `[cuehook] <cue-hook for="${id}"> waits: there is no media element with that id.`
        : "[cuehook] <cue-hook> waits: put a <video> inside, or give the id of one by `for`.",
    );
    const where = id ? this.getRootNode() : this;
    while (!media && turn === this.#turn) {
      await change(where);
      media = await look();
    }
    return media;
  }

  /** The project's text: what `src` leads to, or the data block inside. */
  #project() {
    const src = this.getAttribute("src");
    if (src) return projectText(src);
    const block = this.querySelector('script[type="application/json"]');
    if (block) return block.textContent;
    throw failure(
      "config-invalid",
      '<cue-hook> has no project: set `src`, or put a <script type="application/json"> inside.',
    );
  }

  #busy(id, running) {
    if (running) this.#running.add(id);
    else this.#running.delete(id);
    this.toggleAttribute("busy", this.#running.size > 0);
  }
}

/** Resolves when nodes come or go below `root`. */
function change(root) {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      resolve();
    });
    observer.observe(root, { childList: true, subtree: true });
  });
}

let sheet;

/** The element is a block that positions its overlays, and fills the screen with the video in fullscreen. */
function adoptStyles(root) {
  if (!root.adoptedStyleSheets) return;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`@layer cuehook {
      :where(cue-hook) { display: block; position: relative; }
      :where(cue-hook)[hidden] { display: none; }
      :where(cue-hook):is(:fullscreen, [full-window]) { background: #000; }
      :where(cue-hook)[full-window] { position: fixed !important; inset: 0; z-index: 2147483647; }
      :where(cue-hook):is(:fullscreen, [full-window]) > :where(video) {
        width: 100% !important; height: 100% !important; max-height: none !important; object-fit: contain;
      }
    }`);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}

/** The namespace that scripts without imports use. */
export const Cuehook = {
  attach,
  get wasmUrl() {
    return config.wasmUrl;
  },
  set wasmUrl(url) {
    config.wasmUrl = url;
  },
  get expressions() {
    return config.expressions;
  },
  set expressions(wanted) {
    config.expressions = wanted === true;
  },
};

if (inBrowser) {
  if (present?.attach) console.info("[cuehook] loaded twice; the first copy stays in charge.");
  else globalThis.Cuehook = Cuehook;
  if (!customElements.get(TAG)) customElements.define(TAG, CueHook);
}

export default Cuehook;
