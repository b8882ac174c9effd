/**
 * Clicks on `data-execute-webhook` that no instance has answered: they wait for those that are still starting.
 *
 * An instance that is there listens for itself (src/browser/page.rs) and marks the clicks that it has answered.
 */

/** So many clicks wait at most. */
const MOST = 20;
/** So long a click waits, in milliseconds. */
const PATIENCE = 30_000;

/** Promises of the instances that are starting. */
const starting = new Set();
/** Those that are there, oldest first. */
const instances = new Set();
let waiting = [];
const said = new Set();

/** An instance starts; `ready` gives its handle. */
export function expect(ready) {
  if (starting.has(ready)) return;
  starting.add(ready);
  const settled = (handle) => {
    starting.delete(ready);
    if (handle) instances.add(handle);
    handOver();
  };
  ready.then(settled, () => settled());
}

/** Gives a click to the first instance that takes it. */
function isTaken(element, isLast) {
  for (const handle of instances) {
    const taken = handle.click(element, isLast);
    if (taken) return true;
    // It has been destroyed.
    if (taken === undefined) instances.delete(handle);
  }
  return false;
}

function handOver() {
  for (const element of waiting.splice(0)) {
    if (isTaken(element, false)) continue;
    if (starting.size > 0 || document.readyState === "loading") waiting.push(element);
    // The first one says what is wrong, by `cuehook:error`.
    else if (!isTaken(element, true)) say(element, "no instance answers to it");
  }
}

/** Tells the developer, once. */
function say(element, why) {
  const [webhook, host] = ["data-execute-webhook", "data-cuehook-for"].map((name) => element.getAttribute(name));
  const where = host === null ? "" : ` data-cuehook-for="${host}" (the id of a host or of a media element)`;
  const text = `[cuehook] data-execute-webhook="${webhook}"${where} was clicked, but ${why}.`;
  if (!said.has(text)) console.error(text);
  said.add(text);
}

function wait(element) {
  if (waiting.length >= MOST) return say(element, `${MOST} clicks are waiting for Cuehook already`);
  waiting.push(element);
  setTimeout(() => {
    if (!waiting.includes(element)) return;
    waiting = waiting.filter((other) => other !== element);
    say(element, `Cuehook was not ready within ${PATIENCE / 1000} seconds`);
  }, PATIENCE);
  handOver();
}

if (typeof document !== "undefined") {
  document.addEventListener("DOMContentLoaded", handOver);
  document.addEventListener("click", (event) => {
    const element = event.composedPath()[0]?.closest?.("[data-execute-webhook]");
    // Inside the stage the project decides.
    if (!element || element.closest(".cuehook-stage")) return;
    // After all listeners, those of the instances among them.
    setTimeout(() => {
      if (event.cuehookAnswered) return;
      event.cuehookAnswered = true;
      wait(element);
    });
  });
}
