/** One instance, as the page holds it. */

import { expect } from "./clicks.js";
import { asCuehookError, failure, report } from "./errors.js";
import { load } from "./loader.js";
import { findMedia, follow } from "./media.js";
import { projectText } from "./project.js";

/** No names for variables: templates and actions use them for something else. As `RESERVED_NAMES`. */
const RESERVED = ["context", "webhooks", "forms", "questions", "params"];

const gone = () => failure("aborted", "This instance has been destroyed.");

let warnedOfSecondBuild = false;

/** An instance. What is called before it is ready waits until it is. */
export class Handle {
  #inner;
  #ended = false;
  #host;
  #media;
  #isMediaGone = false;
  #unfollow;
  #onEnd;
  /** The project that was given last. */
  #given;

  /**
   * `text` is the promise of the project's text. `find` looks for the media element when it is gone, `onMedia` hears of
   * another one (null while there is none), `onEnd` that the instance was destroyed.
   */
  constructor(host, media, text, options, { find, onMedia, onEnd }) {
    this.#host = host;
    this.#media = media;
    this.#onEnd = onEnd;
    this.#give(text);
    this.#unfollow = follow(media, host, find, (found) => {
      this.#isMediaGone = !found;
      this.#media = found ?? this.#media;
      this.#inner?.setMedia(found);
      onMedia?.(found);
    });
    this.ready = this.#mount(options);
    // `cuehook:error` tells a page that does not look at `ready`.
    this.ready.catch(this.#unfollow);
    this.variables = Object.freeze({
      get: (...name) => {
        if (name.length === 0) return this.#inner?.variables() ?? {};
        return this.#inner?.variable(String(name[0]));
      },
      set: (name, value) => this.#set(String(name), value),
    });
  }

  /** Takes the promise of a project's text. The one before does not matter any more. */
  #give(text) {
    this.#given?.replace();
    const given = { text };
    given.replaced = new Promise((resolve) => (given.replace = resolve));
    text.catch(() => {});
    return (this.#given = given);
  }

  async #mount({ expressions, ...options }) {
    // The module is loaded while the project is.
    let loading = load(expressions);
    loading.catch(() => {});
    let isDefault = expressions !== "full";
    try {
      while (!this.#inner) {
        const given = this.#given;
        const text = await Promise.race([given.text, given.replaced]);
        const bindings = await loading;
        if (this.#ended) throw failure("aborted", "This instance was destroyed before it was ready.");
        if (given !== this.#given) continue;
        try {
          this.#inner = bindings.attach(this.#host, this.#media, text, options);
        } catch (error) {
          // The document asks for the other build; the module has not reported this error to the page.
          if (!isDefault || error?.needs !== "full") throw error;
          isDefault = false;
          warnOfSecondBuild();
          loading = load("full");
        }
      }
    } catch (thrown) {
      const error = asCuehookError(thrown);
      // The module has reported problems of the document itself.
      if (!error.problems && error.code !== "aborted") report(this.#host, this.#media, error);
      throw error;
    }
    this.#inner.start();
    if (this.#isMediaGone) this.#inner?.setMedia(null);
    return this;
  }

  #set(name, value) {
    if (this.#ended) return;
    if (this.#inner) {
      this.#inner.setVariable(name, value);
      return;
    }
    // What can be known without the module is said at once, in the words of the module.
    const refuse = (message) => failure("config-invalid", message);
    if (RESERVED.includes(name)) {
      throw refuse(`\`${name}\` is no name for a variable: it is reserved for something else.`);
    }
    let text;
    try {
      text = JSON.stringify(value ?? null);
    } catch (cause) {
      throw refuse(`${name} is no JSON value: ${cause?.message ?? "it cannot be written as JSON"}`);
    }
    if (text === undefined) throw refuse(`${name} is no JSON value: functions and symbols have no JSON form`);
    const set = () => this.#inner?.setVariable(name, JSON.parse(text));
    this.ready.then(set).catch((error) => {
      // That there is no instance has been reported.
      if (this.#inner) report(this.#host, this.#media, asCuehookError(error));
    });
  }

  async execute(id, params) {
    if (!this.#inner && !this.#ended) await this.ready;
    if (!this.#inner) throw gone();
    return this.#inner.execute(String(id), params);
  }

  get interactions() {
    return this.#inner?.interactions() ?? [];
  }

  async update(project) {
    if (this.#ended) throw gone();
    const given = this.#give(projectText(project));
    // Before the instance is ready, it starts with the project that was given last.
    const startsWithIt = !this.#inner;
    const [text] = await Promise.all([given.text, this.ready]);
    if (given !== this.#given) throw failure("aborted", "A newer update came before this project was loaded.");
    if (!this.#inner) throw gone();
    if (!startsWithIt) this.#inner.update(text);
  }

  /** An element of the page was clicked that runs a webhook. Whether this instance takes it; undefined if it is gone. */
  click(element, isLast) {
    return this.#inner?.click(element, isLast);
  }

  destroy() {
    if (this.#ended) return;
    this.#ended = true;
    this.#unfollow();
    this.#given.replace();
    const inner = this.#inner;
    this.#inner = undefined;
    inner?.destroy();
    this.#onEnd?.();
  }
}

function warnOfSecondBuild() {
  if (warnedOfSecondBuild) return;
  warnedOfSecondBuild = true;
  console.warn(
    '[cuehook] A project document says "expressions": "full", so a second, larger module had to be loaded: ' +
      'add expressions="full" to <cue-hook> so that it starts at once (from JavaScript: the option ' +
      '`expressions: "full"` of `attach`).',
  );
}

/** Lays a project over a media element, without the custom element. */
export async function attach(media, project, options = {}) {
  const { host = media, ...rest } = options ?? {};
  if (!(host instanceof Element)) {
    const message = "The media object is not an element: pass `host`, the element that gets the overlays.";
    throw failure("config-invalid", message);
  }
  const find = async () => (host === media ? null : findMedia(host));
  const handle = new Handle(host, media, projectText(project), rest, { find });
  expect(handle.ready);
  return handle.ready;
}
