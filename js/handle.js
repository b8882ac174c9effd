/** One instance, as the page holds it. */

import { expect, forget } from "./clicks.js";
import { NativeControls } from "./controls.js";
import { CuehookError, asCuehookError, failure, report } from "./errors.js";
import { eventsOf } from "./events.js";
import { load } from "./loader.js";
import { findMedia, follow, mediaIn } from "./media.js";
import { Mount } from "./mount.js";
import { rolesOf } from "./player.js";
import { projectText } from "./project.js";
import { sessionOfTab } from "./session.js";
import { wordsFor } from "./words.js";

/** No names for variables: templates and actions use them for something else. As `RESERVED_NAMES`. */
const RESERVED = ["context", "webhooks", "forms", "questions", "params"];

const gone = () => failure("aborted", "This instance has been destroyed.");
const newer = () => failure("aborted", "A newer update came before this project was loaded.");

let warnedOfSecondBuild = false;

/** An instance. What is called before it is ready waits until it is. */
export class Handle {
  #inner;
  #ended = false;
  /** What has stopped the module. */
  #fault;
  /**
   * What the module writes down for that case: its `stage`, and whether the video stands still for a webhook. And what it calls
   * when something happens that webhooks may be sent: `record`, `keep` and `settle`.
   */
  #ledger;
  #events;
  /** Rejects a call that is under way. */
  #calls = new Set();
  #leave = () => {};
  #host;
  #media;
  /** What an adapter gives besides the media element. */
  #roles;
  #mount;
  #controls;
  /** What the stage lies over. */
  #picture;
  #isMediaGone = false;
  #unfollow;
  #onPicture;
  #onEnd;
  /** The project that was given last. */
  #given;
  /** What the page gives as defaults. */
  #givenDefaults;
  /** The texts of the project and of the defaults that are used. */
  #text;
  #defaults;
  #allowOrigins;
  /** The page's relay, if it names one. */
  #relay;
  /** What the relay is shown: a token, or a function that gives one. */
  relayToken;

  /**
   * `text` is the promise of the project's text. `roles` has `media`, and what else an adapter gives. `find` looks for the
   * media element when it is gone. `onPicture` is told of the element over whose picture the stage lies (null while there
   * is none), of the stage and of what to call things, `onEnd` that the instance was destroyed.
   */
  constructor(host, roles, text, options, { find, onPicture, onEnd }) {
    const { media } = roles;
    this.#host = host;
    this.#media = media;
    this.#roles = roles;
    this.#onPicture = onPicture;
    this.#onEnd = onEnd;
    this.#events = eventsOf(() => this.#host, options);
    this.#ledger = this.#events.ledger;
    this.outbox = this.#events.outbox;
    this.#give(text);
    // Where nobody says what belongs to the player, another media element may come where this one was.
    const search = find ?? (async () => (this.#mount?.scope?.isConnected ? mediaIn(this.#mount.scope) : null));
    const end = follow(media, host, search, (found) => this.#changeMedia(found));
    const endAdapter = roles.onReplace?.((other) => this.#changeMedia(other ?? null));
    this.#unfollow = () => {
      end();
      if (typeof endAdapter === "function") endAdapter();
    };
    this.ready = this.#start(options);
    // `cuehook:error` tells a page that does not look at `ready`.
    this.ready.catch(() => {
      this.#unfollow();
      this.#events.end();
    });
    this.variables = Object.freeze({
      get: (...name) => {
        const inner = this.#alive;
        if (name.length === 0) return inner?.variables() ?? {};
        return inner?.variable(String(name[0]));
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

  /** Another media element is used from now on, or the same one has been moved, or (null) there is none. */
  #changeMedia(found) {
    this.#isMediaGone = !found;
    if (found && this.#host === this.#media) this.#host = found;
    this.#media = found ?? this.#media;
    this.#inner?.setMedia(found, this.#host);
    this.#events.follow(found);
    this.#place();
  }

  /** Puts the stage over the media element. */
  #place() {
    if (!this.#inner) return;
    const media = this.#isMediaGone ? null : this.#media;
    this.#mount.follow(media, this.#host);
    if (!media) this.#show(null);
  }

  /** The stage lies over what `picture` shows now; null: over nothing. */
  #show(picture) {
    this.#picture = picture;
    this.#controls.follow(picture);
    this.#onPicture?.(picture, this.#ledger.stage, (name) => this.#inner?.word(name));
  }

  async #start({ expressions, defaults, viewer, consent, relay, relayToken, ...options }) {
    this.relayToken = relayToken;
    const relaying = relay && this.#relayAt(relay);
    relaying?.catch(() => {});
    this.#givenDefaults = defaults;
    this.#allowOrigins = options.allowOrigins;
    // The module is loaded while the project is.
    const loading = load(expressions);
    loading.catch(() => {});
    const speaking = wordsFor(this.#host);
    const asking = sessionOfTab();
    const begin = { loading, speaking, asking, relaying, expressions, options };
    while (!this.#inner) {
      const given = this.#given;
      try {
        await this.#startWith(given, begin);
      } catch (thrown) {
        const error = asCuehookError(thrown);
        // The module has reported problems of the document itself, and its fall has been told.
        const isTold = error.problems || error.code === "aborted" || error === this.#fault;
        if (!isTold && given === this.#given) report(this.#host, this.#media, error);
        // Whoever was told, or did not wait for it, may have given another project.
        if (given === this.#given || this.#ended || this.#fault) throw error;
      }
    }
    this.#sendEvents();
    const { stage } = this.#ledger;
    this.#controls = new NativeControls(stage);
    this.#mount = new Mount(stage, this.#roles, (picture) => {
      this.#inner?.placed(picture);
      this.#show(picture);
    });
    this.#place();
    this.#inner.start();
    if (this.#isMediaGone) this.#inner?.setMedia(null, this.#host);
    return this;
  }

  /** Attaches with that project, unless another one is given meanwhile. */
  async #startWith(given, begin) {
    const text = await Promise.race([given.text, given.replaced]);
    const module = await begin.loading;
    const words = await begin.speaking;
    const session = await begin.asking;
    this.#relay = await begin.relaying;
    this.#defaults = await this.#defaultsFor(text);
    if (this.#ended) throw failure("aborted", "This instance was destroyed before it was ready.");
    if (given !== this.#given) return;
    if (module.failed) {
      // Others have used it meanwhile.
      begin.loading = load(begin.expressions);
      return;
    }
    const options = { ...begin.options, words, session, relay: this.#relay?.url, defaults: this.#defaults };
    try {
      this.#inner = this.#attach(module, text, options);
    } catch (error) {
      // The document asks for the other build; the module has not reported this error to the page.
      if (begin.expressions === "full" || error?.needs !== "full") throw await this.#explained(error, given, text, this.#defaults);
      begin.expressions = "full";
      warnOfSecondBuild();
      begin.loading = load("full");
    }
  }

  /** The relay at an address. Only pages that name one fetch its script. */
  async #relayAt(address) {
    const { relayAt } = await import("./relay/relay.js");
    const relay = relayAt(address, () => this.relayToken, failure);
    if (this.#ledger) this.#ledger.token = relay.token;
    return relay;
  }

  /** Attaches. The module tells if it fails. */
  #attach(module, text, options) {
    this.#text = text;
    const user = (fault) => this.#fall(fault);
    module.users.add(user);
    this.#leave = () => module.users.delete(user);
    try {
      return module.attach(this.#host, this.#media, text, { ...options, ledger: this.#ledger });
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /**
   * The error that says what is wrong with a document. What viewers download only notices that something is, so the other
   * build is asked; it tells the page, too.
   */
  async #explained(error, given, text, defaults) {
    if (error?.needs !== "explained") return error;
    try {
      const { explain } = await load("full");
      // Nobody wants to know any more.
      if (given !== this.#given) return newer();
      return explain(this.#host, Number(this.#media?.currentTime) || 0, text, defaults);
    } catch {
      report(this.#host, this.#media, error);
      return Object.assign(error, { problems: [] });
    }
  }

  /** The text of the defaults that the page gives, or else the project. Without them the module says what is missing. */
  async #defaultsFor(text) {
    try {
      const inProject = () => (text.includes('"defaults"') ? JSON.parse(text).defaults : undefined);
      const given = this.#givenDefaults ?? inProject();
      return given && (await projectText(given, "The defaults document"));
    } catch (error) {
      // What is no JSON is the module's to report.
      if (error instanceof CuehookError) report(this.#host, this.#media, error);
      return undefined;
    }
  }

  /** The project is known, and so is whether webhooks of it are sent events. */
  #sendEvents() {
    const inner = this.#inner;
    const given = this.#given;
    // Of an instance or a project that is gone nobody wants to know.
    this.#relay?.learn(inner, () => inner === this.#inner && given === this.#given);
    this.#events.begin({
      needs: this.#inner.subscribes,
      project: this.#text,
      defaults: this.#defaults,
      allowOrigins: this.#allowOrigins,
      relay: this.#relay,
      media: this.#media,
      restore: (record) => this.#inner?.restore(record),
    });
  }

  /** Nothing follows the page any more. */
  #letGo() {
    this.#events.end();
    this.#unfollow();
    this.#mount?.end();
    this.#controls?.end();
  }

  /** The module has failed: what it leaves behind is tidied up without it. Gives a function that tells of it. */
  #fall(fault) {
    const media = this.#media;
    this.#fault = fault;
    this.#inner = undefined;
    forget(this);
    this.#letGo();
    this.#ledger.stage?.remove();
    for (const reject of this.#calls) reject(fault);
    // Whether the browser lets it play or not, nothing is left to be done about it.
    const mayPlay = this.#ledger.isHeld && media.isConnected !== false;
    if (mayPlay) (async () => media.ended || media.play())().catch(() => {});
    return () => report(this.#host, media, fault);
  }

  /** Whether a fault of Cuehook has stopped it. */
  get failed() {
    return this.#fault !== undefined;
  }

  get #alive() {
    if (this.#fault) throw this.#fault;
    return this.#inner;
  }

  #set(name, value) {
    if (this.#ended) return;
    if (this.#alive) {
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
    if (!this.#alive && !this.#ended) await this.ready;
    const inner = this.#alive;
    if (!inner) throw gone();
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
    if (this.#ended) throw gone();
    const given = this.#give(projectText(project));
    // Before the instance is ready, it starts with the project that was given last.
    const startsWithIt = !this.#inner;
    const [text] = await Promise.all([given.text, this.ready]);
    if (given !== this.#given) throw newer();
    if (!this.#alive) throw gone();
    if (startsWithIt) return;
    const defaults = await this.#defaultsFor(text);
    if (given !== this.#given) throw newer();
    if (!this.#alive) throw gone();
    try {
      this.#inner.update(text, defaults);
    } catch (error) {
      throw await this.#explained(error, given, text, defaults);
    }
    this.#defaults = defaults;
    this.#text = text;
    if (this.#inner) this.#sendEvents();
    // Its words may be others.
    if (this.#inner && this.#picture) this.#show(this.#picture);
  }

  /** Whether it answers to a click on an element of the page that runs a webhook; undefined if it is gone. */
  answers(element) {
    return this.#inner?.answers(element);
  }

  /** Such an element was clicked; `link` is where the click leads, and is followed when no request is lost by it. */
  click(element, link) {
    this.#inner?.click(element, link);
  }

  destroy() {
    // What has failed has been tidied up, and keeps saying so.
    if (this.#ended || this.#fault) return;
    this.#ended = true;
    this.#letGo();
    this.#given.replace();
    const inner = this.#inner;
    this.#inner = undefined;
    forget(this);
    if (inner) {
      inner.destroy();
      // Not at once: this may be in the middle of a call of it. And not some day: until then all that it has stays.
      queueMicrotask(() => inner.free());
    }
    // The page may keep this.
    this.#ledger = undefined;
    this.#leave();
    this.#onEnd?.();
  }
}

function warnOfSecondBuild() {
  if (warnedOfSecondBuild) return;
  warnedOfSecondBuild = true;
  console.warn(
    '[cuehook] A project says "expressions": "full", so a second module had to be loaded: add expressions="full" to ' +
      "<cue-hook> (or `expressions` to the options of `attach`), so that it starts at once.",
  );
}

/** Lays a project over a media element, without the custom element. */
export async function attach(given, project, options = {}) {
  const isPage = typeof Element === "function";
  const roles = isPage && (await rolesOf(given));
  const { host = roles.media, ...rest } = options ?? {};
  if (!isPage || !(host instanceof Element)) {
    const message = isPage
      ? "The media object is not an element: pass `host`, the element that gets the overlays."
      : "There is no page here: call `attach` in a browser only, such as when a component has been mounted.";
    throw failure("config-invalid", message);
  }
  const find = host === roles.media ? undefined : () => findMedia(host);
  const handle = new Handle(host, roles, projectText(project), rest, { find });
  expect(handle.ready);
  return handle.ready;
}
