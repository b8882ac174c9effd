// Goes before everything else on a page: counts what is left behind. `counted()` gives what is there now, by kind.
const things = new Map();
const count = (kind, by) => things.set(kind, (things.get(kind) ?? 0) + by);

const name = (target) => target?.localName ?? target?.constructor?.name ?? String(target);

const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
/** By target: its listeners. */
const listeners = new WeakMap();
/** All of them. */
const listening = new Set();
const captures = (options) => (typeof options === "boolean" ? options : Boolean(options?.capture));
const known = (target, type, callback, options) =>
  listeners.get(target)?.find((one) => one.type === type && one.callback === callback && one.capture === captures(options));
const forget = (target, one) => {
  const all = listeners.get(target);
  if (!all.includes(one)) return;
  all.splice(all.indexOf(one), 1);
  listening.delete(one);
};
EventTarget.prototype.addEventListener = function (type, callback, options) {
  const target = this ?? globalThis;
  if (callback && !known(target, type, callback, options)) {
    const one = { type, callback, capture: captures(options), target: new WeakRef(target) };
    if (!listeners.has(target)) listeners.set(target, []);
    listeners.get(target).push(one);
    listening.add(one);
    if (options?.once) add.call(target, type, () => forget(target, one), { once: true, capture: one.capture });
  }
  return add.call(target, type, callback, options);
};
EventTarget.prototype.removeEventListener = function (type, callback, options) {
  const target = this ?? globalThis;
  const one = known(target, type, callback, options);
  if (one) forget(target, one);
  return remove.call(target, type, callback, options);
};

for (const kind of ["MutationObserver", "ResizeObserver", "IntersectionObserver", "PerformanceObserver"]) {
  const Original = globalThis[kind];
  globalThis[kind] = class extends Original {
    #observes = false;
    observe(...parts) {
      super.observe(...parts);
      if (!this.#observes) count(kind, 1);
      this.#observes = true;
    }
    disconnect() {
      super.disconnect();
      if (this.#observes) count(kind, -1);
      this.#observes = false;
    }
  };
}

for (const [start, stop] of [
  ["setTimeout", "clearTimeout"],
  ["setInterval", "clearInterval"],
  ["requestAnimationFrame", "cancelAnimationFrame"],
]) {
  const { [start]: begin, [stop]: end } = globalThis;
  const running = new Set();
  const over = (id) => running.delete(id) && count(start, -1);
  globalThis[start] = (callback, ...rest) => {
    const id = begin((...parts) => {
      if (start !== "setInterval") over(id);
      return callback(...parts);
    }, ...rest);
    running.add(id);
    count(start, 1);
    return id;
  };
  globalThis[stop] = (id) => {
    over(id);
    end(id);
  };
}

/** Whether a listener on this is left behind: nodes that are on no page go with all that listens to them. */
const stays = (target) => target && (!(target instanceof Node) || target.isConnected || target instanceof HTMLMediaElement);

/** Everything that is there now and might stay. */
globalThis.counted = () => {
  const found = Object.fromEntries([...things].filter(([, number]) => number !== 0).sort());
  for (const { type, target } of listening) {
    const node = target.deref();
    if (!stays(node)) continue;
    const kind = `listener ${type} on ${name(node)}`;
    found[kind] = (found[kind] ?? 0) + 1;
  }
  found.nodes = document.querySelectorAll("*").length;
  found.sheets = document.adoptedStyleSheets.length;
  return found;
};
