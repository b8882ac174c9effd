// How long Cuehook's own script takes in each frame while a film plays under 100 elements with times of their own. `look()` gives what
// was found since it was called last, once `data-playing` is there.

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

let frames = [];
let changes = 0;

/** The frames since the last look, in milliseconds of script; and how often elements came or went. */
globalThis.look = () => {
  const sorted = frames.sort((one, other) => one - other);
  const found = { frames: sorted.length, changes, median: part(sorted, 0.5), most: part(sorted, 0.95), longest: part(sorted, 1) };
  [frames, changes] = [[], 0];
  return found;
};

async function run() {
  const { attach } = await import("/pkg/cuehook.js");
  const video = document.querySelector("video");
  await attach(video, { cuehook: 1, video: { id: "frame" }, variables: { name: "guest" }, elements });
  for (const name of ["show", "hide"]) listen.call(video, `cuehook:${name}`, () => (changes += 1));
  await video.play();
  const note = () => {
    frames.push(spent);
    spent = 0;
    frame(note);
  };
  frame(note);
}

const { dataset } = document.documentElement;
run().then(
  () => (dataset.playing = "true"),
  (error) => (dataset.failed = String(error?.stack ?? error)),
);
