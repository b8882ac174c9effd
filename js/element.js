/** `<cue-hook>`. */

import { asCuehookError, failure, report } from "./errors.js";
import { offerFullscreen } from "./fullscreen.js";
import { Handle } from "./handle.js";
import { preload } from "./loader.js";
import { becomesMedia, change, findMedia } from "./media.js";
import { projectText } from "./project.js";
import { adoptStyles } from "./styles.js";

export const TAG = "cue-hook";

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

export class CueHook extends (typeof HTMLElement === "undefined" ? class {} : HTMLElement) {
  static observedAttributes = ["src", "for", "allow-origins", "expressions"];

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
    own("error", ({ code }) => {
      this.setAttribute("error", code);
      if (this.#handle?.failed) this.#fall();
    });
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
    // Moving the element inside the document disconnects and connects it: it just goes on.
    if (this.#turn === 0) this.#start();
  }

  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.#stop());
  }

  attributeChangedCallback(name, before, after) {
    if (this.#turn === 0 || before === after) return;
    if (name === "src" && after && this.#handle) {
      this.#handle.update(after).catch((thrown) => {
        const error = asCuehookError(thrown);
        // The module has reported problems itself; whatever came in between has the last word.
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
    // The script that imports this one may still set `Cuehook.wasmUrl`.
    await undefined;
    if (turn !== this.#turn) return;
    const expressions = this.getAttribute("expressions") ?? undefined;
    // Project and module are fetched side by side, and before the media element is there.
    let text = this.#fetchProject(expressions);
    await parsed();
    if (turn !== this.#turn) return;
    text ??= this.#inlineProject(expressions);
    const media = await this.#media(turn);
    if (turn !== this.#turn) return;
    const waiting = this.#ready;
    let made;
    try {
      text ??= this.#inlineProject(expressions);
      if (text === undefined) {
        throw failure(
          "config-invalid",
          '<cue-hook> has no project: set `src`, or put a <script type="application/json"> inside.',
        );
      }
      const allowOrigins = this.getAttribute("allow-origins")?.split(/[\s,]+/).filter(Boolean);
      made = this.#handle = new Handle(this, media, text, { allowOrigins, expressions });
      const handle = await made.ready;
      if (turn !== this.#turn) return;
      this.#endFullscreen = offerFullscreen(this, media);
      waiting.resolve(handle);
    } catch (thrown) {
      const error = asCuehookError(thrown);
      waiting.reject(error);
      // How an earlier turn ended does not matter any more.
      if (turn !== this.#turn) return;
      if (!made) report(this, media, error);
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

  /** The module has failed. The video is as it would be without it, and another `src` starts anew. */
  #fall() {
    this.#endFullscreen();
    this.#endFullscreen = () => {};
    this.#handle = undefined;
    this.#running.clear();
    for (const name of ["ready", "busy"]) this.removeAttribute(name);
  }

  /** The text that `src` leads to, if it is set. It and the module are under way then. */
  #fetchProject(expressions) {
    const src = this.getAttribute("src");
    if (!src) return undefined;
    preload(expressions);
    const text = projectText(src);
    text.catch(() => {});
    return text;
  }

  /** The text of the data block inside, if there is one. The module is under way then. */
  #inlineProject(expressions) {
    const text = this.querySelector('script[type="application/json"]')?.textContent;
    if (text !== undefined) preload(expressions);
    return text;
  }

  /** The media element: by `for`, or inside. Waits until it is there. */
  async #media(turn) {
    const id = this.getAttribute("for");
    const find = () => (id ? this.getRootNode().getElementById?.(id) : null);
    const look = async () => {
      if (!id) return findMedia(this);
      const element = find();
      return element && (await becomesMedia(element, TAG)) ? element : null;
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

  #busy(id, running) {
    if (running) this.#running.add(id);
    else this.#running.delete(id);
    this.toggleAttribute("busy", this.#running.size > 0);
  }
}
