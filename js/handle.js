/** One instance, as the page holds it. */

import { asCuehookError, failure, report } from "./errors.js";
import { load } from "./loader.js";
import { projectText } from "./project.js";

let warnedOfSecondBuild = false;

/** An instance. What is called before it is ready waits until it is. */
export class Handle {
  #inner;
  #ended = false;
  #updates = 0;
  /** What has stopped the module. */
  #fault;
  /** What the module writes down for that case: its `stage`, and whether the video stands still for a webhook. */
  #ledger = {};
  /** Rejects a call that is under way. */
  #calls = new Set();
  #leave = () => {};

  /** `document` is the project's text, or a promise of it. */
  constructor(host, media, document, options) {
    this.ready = this.#mount(host, media, document, options);
    // `cuehook:error` tells a page that does not look at `ready`.
    this.ready.catch(() => {});
    this.variables = Object.freeze({
      get: (...name) => {
        const inner = this.#alive;
        if (name.length === 0) return inner?.variables() ?? {};
        return inner?.variable(String(name[0]));
      },
      set: (name, value) => this.#soon((inner) => inner.setVariable(String(name), value)),
    });
  }

  async #mount(host, media, document, { expressions, ...options }) {
    // The module is loaded while the project is.
    const loading = load(expressions);
    loading.catch(() => {});
    try {
      const text = await document;
      let module = await loading;
      // Others have used it meanwhile.
      if (module.failed) module = await load(expressions);
      this.#inner = await this.#attach(module, host, media, text, options, expressions !== "full");
    } catch (thrown) {
      const error = asCuehookError(thrown);
      // The module has reported problems of the document itself, and its fall has been told.
      if (!error.problems && error.code !== "aborted" && error !== this.#fault) report(host, media, error);
      throw error;
    }
    this.#inner.start();
    return this;
  }

  /** Attaches by this build, or by the full one if the document asks for that and this one is not it. */
  async #attach(module, host, media, text, options, isDefault) {
    if (this.#ended) throw failure("aborted", "This instance was destroyed before it was ready.");
    const user = (fault) => this.#fall(fault, host, media);
    module.users.add(user);
    this.#leave = () => module.users.delete(user);
    try {
      return module.attach(host, media, text, { ...options, ledger: this.#ledger });
    } catch (error) {
      this.#leave();
      // The module has not reported this error to the page.
      if (!isDefault || error?.needs !== "full") throw error;
    }
    if (!warnedOfSecondBuild) {
      warnedOfSecondBuild = true;
      console.warn(
        '[cuehook] A project document says "expressions": "full", so a second, larger module had to be loaded: ' +
          'add expressions="full" to <cue-hook> so that it starts at once (from JavaScript: the option ' +
          '`expressions: "full"` of `attach`).',
      );
    }
    return this.#attach(await load("full"), host, media, text, options, false);
  }

  /** The module has failed: what it leaves behind is tidied up without it. Gives a function that tells of it. */
  #fall(fault, host, media) {
    this.#fault = fault;
    this.#inner = undefined;
    this.#ledger.stage?.remove();
    for (const reject of this.#calls) reject(fault);
    // Whether the browser lets it play or not, nothing is left to be done about it.
    if (this.#ledger.isHeld) (async () => media.ended || media.play())().catch(() => {});
    return () => report(host, media, fault);
  }

  /** Whether a fault of Cuehook has stopped it. */
  get failed() {
    return this.#fault !== undefined;
  }

  get #alive() {
    if (this.#fault) throw this.#fault;
    return this.#inner;
  }

  /** Does something now, or when the instance is ready. */
  #soon(action) {
    if (this.#ended) return;
    if (this.#alive) action(this.#inner);
    else this.ready.then(() => this.#soon(action), () => {});
  }

  async execute(id, params) {
    if (!this.#alive && !this.#ended) await this.ready;
    const inner = this.#alive;
    if (!inner) throw failure("aborted", "This instance has been destroyed.");
    let reject;
    try {
      return await new Promise((resolve, refuse) => {
        this.#calls.add((reject = refuse));
        inner.execute(String(id), params).then(resolve, refuse);
      });
    } finally {
      this.#calls.delete(reject);
    }
  }

  get interactions() {
    return this.#alive?.interactions() ?? [];
  }

  async update(project) {
    const update = ++this.#updates;
    const [text] = await Promise.all([projectText(project), this.ready]);
    if (update !== this.#updates) throw failure("aborted", "A newer update came before this project was loaded.");
    this.#soon((inner) => inner.update(text));
  }

  destroy() {
    if (this.#ended) return;
    this.#ended = true;
    const inner = this.#inner;
    this.#inner = undefined;
    inner?.destroy();
    this.#leave();
  }
}

/** Lays a project over a media element, without the custom element. */
export async function attach(media, project, options = {}) {
  const { host = media, ...rest } = options ?? {};
  if (!(host instanceof Element)) {
    const message = "The media object is not an element: pass `host`, the element that gets the overlays.";
    throw failure("config-invalid", message);
  }
  return new Handle(host, media, projectText(project), rest).ready;
}
