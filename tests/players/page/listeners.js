// Goes before everything else: keeps account of the listeners and observers that Cuehook has, and of what happens to media
// elements. Whose a listener is, the stack tells: scripts of the package lie below /pkg/.
{
  Error.stackTraceLimit = 60;
  const kept = new Set();
  const isOurs = () => {
    const lines = new Error().stack.split("\n").filter((line) => /https?:|wasm/.test(line));
    // The first lines are of this script.
    const caller = lines.find((line) => !line.includes("/players/listeners.js"));
    return caller !== undefined && (caller.includes("/pkg/") || caller.includes("wasm"));
  };
  const nameOf = (target) =>
    target === window ? "window" : target.nodeName ? target.nodeName.toLowerCase() : target.constructor?.name;
  const isCapture = (options) => Boolean(typeof options === "object" ? options?.capture : options);

  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (listener && isOurs()) {
      const entry = { target, type, listener, capture: isCapture(options) };
      const same = [...kept].some((other) => ["target", "type", "listener", "capture"].every((key) => other[key] === entry[key]));
      if (!same) {
        kept.add(entry);
        const drop = () => kept.delete(entry);
        if (options?.once) addEventListener.call(target, type, drop, { once: true, capture: entry.capture });
        if (options?.signal) addEventListener.call(options.signal, "abort", drop, { once: true });
      }
    }
    return addEventListener.call(target, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    const target = this ?? window;
    for (const entry of kept) {
      const same = entry.target === target && entry.type === type && entry.listener === listener;
      if (same && entry.capture === isCapture(options)) kept.delete(entry);
    }
    return removeEventListener.call(target, type, listener, options);
  };

  for (const name of ["MutationObserver", "ResizeObserver", "IntersectionObserver"]) {
    const { observe, disconnect } = globalThis[name].prototype;
    globalThis[name].prototype.observe = function (target, ...rest) {
      if (isOurs()) kept.add({ target, type: name, observer: this });
      return observe.call(this, target, ...rest);
    };
    globalThis[name].prototype.disconnect = function () {
      for (const entry of kept) if (entry.observer === this) kept.delete(entry);
      return disconnect.call(this);
    };
  }

  /** What it has on its own nodes goes with them. */
  const isLeft = ({ target }) => !(target.nodeType === 1 && !target.isConnected && target.matches('[class*="cuehook-"]'));

  /** What Cuehook listens to and observes, as texts such as `video timeupdate`. */
  globalThis.ourListeners = () => [...kept].filter(isLeft).map(({ target, type }) => `${nameOf(target)} ${type}`).sort();
}
