// Makes the module trap, at a moment that the test chooses. Rust cannot be made to fail on demand, but whatever it calls can
// fail as it would: by a real trap, in the middle of what it is doing.

/** `(module (func (export "trap") unreachable))` */
const bytes = "0061736d0100000001040160000003020100070801047472617000000a05010300000b";
const { trap } = new WebAssembly.Instance(
  new WebAssembly.Module(Uint8Array.from(bytes.match(/../g), (byte) => parseInt(byte, 16))),
).exports;

/** What the modules of this page have exported, and how often each has called out or was called. */
seen.modules = [];
seen.calls = [];
let armed;

/** The next call out of the module traps; with `name`, the next one while a callback of that kind runs. */
seen.arm = (name = "any") => (armed = name);

/** The callbacks that run. */
const running = ["any"];
const during = (name, callback) => (...parts) => {
  running.push(name);
  try {
    return callback(...parts);
  } finally {
    running.pop();
  }
};
for (const [name, kind] of [["setTimeout", "timer"], ["requestAnimationFrame", "frame"]]) {
  const original = globalThis[name];
  globalThis[name] = (callback, ...rest) => original(during(kind, callback), ...rest);
}
for (const name of ["then", "catch"]) {
  const original = Promise.prototype[name];
  Promise.prototype[name] = function (...callbacks) {
    const wrap = (callback) => (typeof callback === "function" ? during("promise", callback) : callback);
    return original.apply(this, callbacks.map(wrap));
  };
}
const { queueMicrotask: original } = globalThis;
globalThis.queueMicrotask = (callback) => original(during("promise", callback));

const { instantiateStreaming } = WebAssembly;
WebAssembly.instantiateStreaming = async (response, imports) => {
  const index = seen.calls.push(0) - 1;
  const count = (functions, call) =>
    Object.fromEntries(Object.entries(functions).map(([name, it]) => [name, typeof it === "function" ? call(it) : it]));
  const watched = count(imports["./cuehook_bg.js"], (call) => (...parts) => {
    seen.calls[index] += 1;
    if (armed && running.includes(armed)) {
      armed = undefined;
      trap();
    }
    return call(...parts);
  });
  const { instance, module } = await instantiateStreaming(response, { "./cuehook_bg.js": watched });
  seen.modules.push(instance.exports);
  const exports = count(instance.exports, (call) => (...parts) => {
    seen.calls[index] += 1;
    return call(...parts);
  });
  return { instance: { exports }, module };
};
