// What the tests need of JavaScript.

/** What nobody has caught. */
const uncaught = [];
addEventListener("unhandledrejection", ({ reason }) => uncaught.push(`unhandled: ${reason?.message ?? reason}`));
addEventListener("error", ({ message }) => uncaught.push(`error: ${message}`));

/** What nobody has caught since this was asked last, a line each. */
export const take_uncaught = () => uncaught.splice(0).join("\n");

/** A media element that is none: the subset that is needed, under the test's control. */
class FakeMedia extends EventTarget {
  duration = 30;
  ended = false;
  seeking = false;
  playbackRate = 1;
  muted = false;
  videoWidth = 1600;
  videoHeight = 900;
  reads = 0;
  calls = [];
  #time = 0;
  #paused = true;

  get currentTime() {
    this.reads += 1;
    return this.#time;
  }

  set currentTime(time) {
    this.#time = time;
  }

  get paused() {
    return this.#paused;
  }

  /** What the next play() does: "ok", "undefined", or the name of the error. */
  next = "ok";

  play() {
    this.calls.push("play");
    if (this.next !== "ok" && this.next !== "undefined") {
      return Promise.reject(new DOMException("refused", this.next));
    }
    this.#paused = false;
    this.dispatchEvent(new Event("play"));
    return this.next === "ok" ? Promise.resolve() : undefined;
  }

  pause() {
    this.calls.push("pause");
    if (this.#paused) return;
    this.#paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  goto(time) {
    this.#time = time;
    this.dispatchEvent(new Event("timeupdate"));
  }
}

export const fake_media = () => new FakeMedia();

/** Counts listeners, observers and timers from now on, and tells how many are left. */
export function count_leftovers() {
  const left = { listeners: 0, observers: new Set() };
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (...args) {
    left.listeners += 1;
    return addEventListener.apply(this, args);
  };
  EventTarget.prototype.removeEventListener = function (...args) {
    left.listeners -= 1;
    return removeEventListener.apply(this, args);
  };
  const { observe, disconnect } = ResizeObserver.prototype;
  ResizeObserver.prototype.observe = function (...args) {
    left.observers.add(this);
    return observe.apply(this, args);
  };
  ResizeObserver.prototype.disconnect = function () {
    left.observers.delete(this);
    return disconnect.apply(this);
  };
  return () => {
    Object.assign(EventTarget.prototype, { addEventListener, removeEventListener });
    Object.assign(ResizeObserver.prototype, { observe, disconnect });
    return `${left.listeners} listeners, ${left.observers.size} observers`;
  };
}

/** Records `cuehook:*` events of a host as "name key=value". */
export function record(host) {
  const log = [];
  const names = "ready show hide activate request response error settled pause resume variablechange callback destroy";
  for (const name of names.split(" ")) {
    host.addEventListener(`cuehook:${name}`, (event) => log.push({ name, detail: event.detail }));
  }
  return log;
}

export const names_of = (log) => log.map((entry) => entry.name).join(" ");
export const count_of = (log, name) => log.filter((entry) => entry.name === name).length;

/** A field of the last event of that name, as JSON text. */
export function field_of(log, name, field) {
  const entry = log.filter((other) => other.name === name).at(-1);
  return entry && field in entry.detail ? JSON.stringify(entry.detail[field]) : "none";
}

export function on(host, name, listener) {
  host.addEventListener(name, listener);
}

const browserFetch = globalThis.fetch;

/** Replaces `fetch`; `kind` says what it does. What it saw is in `globalThis.seen`. */
export function mock_fetch(kind, text) {
  const seen = { requests: [], cancelled: false, aborted: false, pulled: 0 };
  globalThis.seen = seen;
  const json = { status: 200, headers: { "content-type": "application/json", "retry-after": "7" } };
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        seen.pulled += 1;
        controller.enqueue(new Uint8Array(65536).fill(32));
      },
      cancel() {
        seen.cancelled = true;
      },
    });
  globalThis.fetch = async (request) => {
    seen.requests.push({
      url: request.url,
      method: request.method,
      mode: request.mode,
      credentials: request.credentials,
      redirect: request.redirect,
      cache: request.cache,
      referrerPolicy: request.referrerPolicy,
      headers: Object.fromEntries(request.headers),
      body: await request.clone().text(),
    });
    if (kind === "answer") return new Response(text, json);
    if (kind === "text") return new Response(text, { headers: { "content-type": "text/plain" } });
    if (kind === "empty") return new Response(null, { status: 204 });
    if (kind === "status") return new Response("<p>no</p>", { status: Number(text) });
    if (kind === "endless") return new Response(endless(), json);
    if (kind === "string") throw text;
    if (kind === "undefined") throw undefined;
    if (kind === "nonsense") return 42;
    if (kind === "broken") {
      return new Response(new ReadableStream({ pull: (controller) => controller.error("gone") }), json);
    }
    return new Promise((resolve, reject) => {
      request.signal.addEventListener("abort", () => {
        seen.aborted = true;
        reject(request.signal.reason);
      });
    });
  };
  if (kind === "throw") {
    globalThis.fetch = () => {
      throw text;
    };
  }
}

export const restore_fetch = () => (globalThis.fetch = browserFetch);
export const seen = () => JSON.stringify(globalThis.seen);
export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Forbids all connections but those to this origin, for the rest of the page's life. */
export function forbid_connections() {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = "connect-src 'self' https://allowed.example";
  document.head.append(meta);
}

/** A `<video>` that claims a natural size. */
export function sized_video(width, height) {
  const video = document.createElement("video");
  Object.defineProperties(video, {
    videoWidth: { get: () => width, configurable: true },
    videoHeight: { get: () => height, configurable: true },
  });
  return video;
}

/** "left top width height" of an element relative to another one, rounded. */
export function place_of(element, reference) {
  const box = element.getBoundingClientRect();
  const origin = reference.getBoundingClientRect();
  return [box.left - origin.left, box.top - origin.top, box.width, box.height].map(Math.round).join(" ");
}

export const own_keys = (object) => Reflect.ownKeys(object).join(" ");
export const sheets = () => document.adoptedStyleSheets.length;

export function key(element, type, name) {
  const event = new KeyboardEvent(type, { key: name, bubbles: true, composed: true, cancelable: true });
  element.dispatchEvent(event);
  return event.defaultPrevented;
}

/** As `element.click()`, which does nothing while a click on the element is under way. */
export function click(element) {
  element.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true, cancelable: true }));
}

/** Whether the page has tried to load something with this in its address. */
export function was_loaded(part) {
  return performance.getEntriesByType("resource").some((entry) => entry.name.includes(part));
}

export function circular() {
  const object = {};
  object.self = object;
  return object;
}

export function nested(depth) {
  let value = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return { value };
}

/** Headers that a listener of `cuehook:request` may set, or an object that fights back. */
export function hostile_headers() {
  return new Proxy({}, {
    ownKeys() {
      throw new Error("no keys");
    },
  });
}

/** Whether an object is one as `{}` makes them. */
export const is_plain = (object) => Object.getPrototypeOf(object) === Object.prototype;

/** Which ways to copy an object give a copy whose prototype says `polluted`. */
export function polluted_copies(object) {
  const copies = {
    "Object.assign": Object.assign({}, object),
    "spread": { ...object },
    "structuredClone": structuredClone(object),
  };
  return Object.keys(copies).filter((way) => copies[way].polluted).join(" ");
}

/** Counts what goes through `JSON.parse` from now on; the function tells how much, and counts no more. */
export function count_parsed() {
  const { parse } = JSON;
  let count = 0;
  JSON.parse = (...args) => {
    count += 1;
    return parse(...args);
  };
  return () => {
    JSON.parse = parse;
    return count;
  };
}

/** What a browser reads in a stylesheet, a line for each rule. It keeps values with variables as they are written. */
export function rules_of(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return [...sheet.cssRules].map(({ cssText }) => cssText.replace(/\s+/g, " ").replaceAll(", ", ",")).join("\n");
}
