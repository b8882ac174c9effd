// How long Cuehook's own script takes in each frame while a film plays under 100 elements with times of their own.
// `?seconds=8` says how long it is looked at; the result is JSON in `data-result` of the document's element.

/** Script time since the last frame, in milliseconds. */
let spent = 0;
const timed = (callback) =>
  function (...parts) {
    const begun = performance.now();
    try {
      return callback.apply(this, parts);
    } finally {
      spent += performance.now() - begun;
    }
  };

// Whatever runs while the film plays is a frame's callback, a timer, or a listener.
const frame = globalThis.requestAnimationFrame.bind(globalThis);
globalThis.requestAnimationFrame = (callback) => frame(timed(callback));
const timeout = globalThis.setTimeout.bind(globalThis);
globalThis.setTimeout = (callback, ...rest) => timeout(timed(callback), ...rest);
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, callback, options) {
  return listen.call(this, type, typeof callback === "function" ? timed(callback) : callback, options);
};

const LENGTH = 12;
const elements = Array.from({ length: 100 }, (_, number) => {
  const from = (number / 100) * LENGTH;
  const common = { id: `e${number}`, from, to: from + 3, box: { left: (number % 10) * 10, top: Math.floor(number / 10) * 9, width: 9, height: 8 } };
  return number % 2
    ? { ...common, kind: "area", label: `Area ${number} for \${name}` }
    : { ...common, kind: "html", source: `<p>\${name}: ${number}</p>` };
});

const part = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

async function run() {
  const seconds = Number(new URLSearchParams(location.search).get("seconds") ?? 8);
  const { attach } = await import("/pkg/cuehook.js");
  const video = document.querySelector("video");
  const handle = await attach(video, { cuehook: 1, video: { id: "frame" }, variables: { name: "guest" }, elements });
  let changes = 0;
  for (const name of ["show", "hide"]) listen.call(video, `cuehook:${name}`, () => (changes += 1));
  await video.play();
  await new Promise((go) => timeout(go, 500));
  const begun = { time: performance.now(), film: video.currentTime };
  const frames = [];
  changes = spent = 0;
  await new Promise((resolve) => {
    const note = () => {
      frames.push(spent);
      spent = 0;
      if (performance.now() - begun.time > seconds * 1_000) resolve();
      else frame(note);
    };
    frame(note);
  });
  handle.destroy();
  const sorted = [...frames].sort((one, other) => one - other);
  const sum = frames.reduce((one, other) => one + other, 0);
  return { frames: frames.length, changes, played: video.currentTime - begun.film, mean: sum / frames.length, median: part(sorted, 0.5), most: part(sorted, 0.95), longest: part(sorted, 1) };
}

const { dataset } = document.documentElement;
run().then(
  (result) => (dataset.result = JSON.stringify(result)),
  (error) => (dataset.result = JSON.stringify({ failed: String(error?.stack ?? error) })),
);
