/** `<cue-hook>`. */

import { expect } from "./clicks.js";
import { asCuehookError, failure, report } from "./errors.js";
import { offerFullscreen } from "./fullscreen.js";
import { Handle } from "./handle.js";
import { preload } from "./loader.js";
import { becomesMedia, change, findMedia } from "./media.js";
import { projectText, written } from "./project.js";
import { adoptStyles } from "./styles.js";

export const TAG = "cue-hook";

/** The document has been parsed. */
function parsed() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

function deferred() {
  const made = { isSettled: false };
  made.promise = new Promise((resolve, reject) => {
    const settle = (how) => (value) => {
      made.isSettled = true;
      how(value);
    };
    Object.assign(made, { resolve: settle(resolve), reject: settle(reject) });
  });
  made.promise.catch(() => {});
  return made;
}

export class CueHook extends (typeof HTMLElement === "undefined" ? class {} : HTMLElement) {
  static observedAttributes = "src for allow-origins expressions viewer-options defaults consent relay relay-token".split(" ");

  #handle;
  /** What the property `project` says: undefined if it was never set, null if there is none, or none yet. */
  #project;
  /** The same as text, since objects may change; NaN, which equals nothing, if it cannot be written. */
  #written;
  #ready = deferred();
  /** Counts starts: what belongs to an earlier one is over. 0 while the element is not on the page. */
  #turn = 0;
  #running = new Set();
  #viewer;
  #relayToken;
  #fullscreen;

  constructor() {
    super();
    const own = (name, listener) =>
      this.addEventListener(`cuehook:${name}`, (event) => event.target === this && listener(event.detail));
    own("error", ({ code, message }) => {
      if (this.#handle?.failed) {
        // The video is as it would be without us, and another `src` starts anew.
        this.#ready.reject(failure(code, message));
        this.#end();
      }
      this.setAttribute("error", code);
    });
    own("request", ({ requestId }) => this.#busy(requestId, true));
    own("settled", ({ requestId, outcome }) => {
      this.#busy(requestId, false);
      if (outcome === "ok") this.removeAttribute("error");
    });
    own("ready", () => this.toggleAttribute("ready", true));
    // A framework has set it before this class was there.
    for (const name of ["project", "viewer", "relayToken"]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
  }

  /** The project, or null. It goes before `src` and the data block inside. */
  get project() {
    return this.#project ?? null;
  }

  set project(project) {
    // Frameworks write "" and false, too, where there is none.
    this.#project = project || null;
    const before = this.#written;
    try {
      this.#written = project ? written(project) : undefined;
    } catch {
      // Whoever needs it hears why.
      this.#written = NaN;
    }
    if (this.#turn !== 0 && before !== this.#written) this.#change(this.#given);
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
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#end("The element was taken off the page.");
      this.#turn = 0;
      this.#ready = deferred();
    });
  }

  attributeChangedCallback(name, before, after) {
    const isOverruled = name === "src" && this.#project;
    if (this.#turn === 0 || before === after || isOverruled) return;
    if (name === "consent") {
      if (this.#handle) this.#handle.outbox.consent = after;
      return;
    }
    if (name === "relay-token") {
      this.#showRelay();
      return;
    }
    this.#change(name === "src" && after);
  }

  /** Who watches, as the page knows: an object, which events say; or nothing. */
  get viewer() {
    return this.#viewer;
  }

  set viewer(viewer) {
    this.#viewer = viewer;
    if (this.#handle) this.#handle.outbox.viewer = viewer;
  }

  /** What the relay is shown: a token, or a function that gives one, or a promise of one. It goes before the attribute. */
  get relayToken() {
    return this.#relayToken ?? this.getAttribute("relay-token");
  }

  set relayToken(token) {
    this.#relayToken = token;
    this.#showRelay();
  }

  #showRelay() {
    if (this.#handle) this.#handle.relayToken = this.relayToken;
  }

  /** `granted`, or `denied`: no event is stored or sent. */
  get consent() {
    return this.getAttribute("consent") || "granted";
  }

  set consent(consent) {
    if (consent) this.setAttribute("consent", consent);
    else this.removeAttribute("consent");
  }

  /** What is to be read for `project`. */
  get #given() {
    return this.#written?.startsWith?.("{") ? this.#written : this.#project;
  }

  /** Takes another project, or starts anew. */
  #change(project) {
    if (project && this.#handle) {
      const isReady = this.#ready.isSettled;
      // What was wrong with the project before does not matter any more.
      if (!isReady) this.removeAttribute("error");
      this.#handle.update(project).catch((thrown) => {
        const error = asCuehookError(thrown);
        // The module has reported problems itself; whatever came in between has the last word.
        if (isReady && !error.problems && error.code !== "aborted") report(this, undefined, error);
      });
    } else {
      this.#end();
      this.#start();
    }
  }

  async #start() {
    const turn = ++CueHook.#turns;
    this.#turn = turn;
    // Whoever waits for an earlier start waits for this one now.
    if (this.#ready.isSettled) this.#ready = deferred();
    expect(this.ready);
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
    try {
      text ??= this.#inlineProject(expressions);
      if (text === undefined) {
        // Setting it starts anew.
        if (this.#project === null) return;
        throw failure(
          "config-invalid",
          "<cue-hook> has no project: set `src` or the property `project` (null if it is still to come; an attribute " +
            'cannot hold it), or put a <script type="application/json"> inside.',
        );
      }
      const words = (name) => this.getAttribute(name)?.split(/[\s,]+/).filter(Boolean);
      const [allowOrigins, viewerOptions] = [words("allow-origins"), words("viewer-options")];
      const texts = ["defaults", "consent", "relay"].map((name) => this.getAttribute(name) ?? undefined);
      const [defaults, consent, relay] = texts;
      const options = { allowOrigins, viewerOptions, expressions, defaults, consent, relay, viewer: this.#viewer };
      options.relayToken = this.relayToken;
      const handle = new Handle(this, { media, mount: this.#mount() }, text, options, {
        find: () => this.#findMedia(),
        onPicture: (picture, stage, word) => {
          this.#fullscreen ??= offerFullscreen(this);
          this.#fullscreen.follow(picture, stage, word);
        },
        onEnd: () => handle === this.#handle && this.#end("The instance has been destroyed."),
      });
      this.#handle = handle;
      await handle.ready;
      if (turn !== this.#turn) return;
      this.#ready.resolve(handle);
    } catch (thrown) {
      // How an earlier turn ended does not matter any more.
      if (turn !== this.#turn) return;
      const error = asCuehookError(thrown);
      this.#ready.reject(error);
      if (!this.#handle) report(this, media, error);
      // Another `src` starts anew.
      this.#handle = undefined;
    }
  }

  static #turns = 0;

  /** Ends what was started. Who waits for it hears why, or waits for what is started next. */
  #end(why) {
    // Not 0: another `src` starts anew.
    this.#turn = ++CueHook.#turns;
    this.#fullscreen?.end();
    this.#fullscreen = undefined;
    const handle = this.#handle;
    this.#handle = undefined;
    handle?.destroy();
    this.#running.clear();
    if (why) this.#ready.reject(failure("aborted", why));
    for (const name of ["ready", "busy", "error"]) this.removeAttribute(name);
  }

  /** The text of `project`, or what `src` leads to, if one of them is set. It and the module are under way then. */
  #fetchProject(expressions) {
    const given = this.#given || this.getAttribute("src");
    if (given || this.#project === null) preload(expressions);
    if (!given) return undefined;
    const text = projectText(given);
    text.catch(() => {});
    return text;
  }

  /** The text of the data block inside, if there is one. The module is under way then. */
  #inlineProject(expressions) {
    const text = this.querySelector('script[type="application/json"]')?.textContent;
    if (text === undefined) return undefined;
    preload(expressions);
    return Promise.resolve(text);
  }

  /** The media element, by `for` or inside, if it is there. */
  async #findMedia() {
    const id = this.getAttribute("for");
    if (!id) return findMedia(this);
    const element = this.getRootNode().getElementById?.(id);
    return element && (await becomesMedia(element, TAG)) ? element : null;
  }

  /** The page may say where the stage goes: into the element that it marks so. */
  #mount() {
    const place = this.querySelector("[data-cuehook-mount]");
    return place ? (stage) => place.append(stage) : undefined;
  }

  /** Waits for the media element. */
  async #media(turn) {
    let media = await this.#findMedia();
    if (media || turn !== this.#turn) return media;
    const id = this.getAttribute("for");
    console.warn(
      id
        ? `[cuehook] <cue-hook for="${id}"> waits: there is no media element with that id.`
        : "[cuehook] <cue-hook> waits: put a <video> inside, or give the id of one by `for`.",
    );
    const where = id ? this.getRootNode() : this;
    while (!media && turn === this.#turn) {
      await change(where);
      media = await this.#findMedia();
    }
    return media;
  }

  #busy(id, running) {
    if (running) this.#running.add(id);
    else this.#running.delete(id);
    this.toggleAttribute("busy", this.#running.size > 0);
  }
}
