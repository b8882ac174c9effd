/** The lock that all pages of an origin share: whoever holds it sends what is stored. */

const NAME = "cuehook:outbox";

let turn = 0;
let free = () => {};

/** Whether there are locks. In pages without an origin of their own asking for one is an error. */
export function hasLocks() {
  return Boolean(navigator.locks) && globalThis.origin !== "null";
}

/** Takes the lock; `tell` is called with `"locked"` when it is held, with `"lock lost"` when it is not any more, or cannot be had. */
export function lock(steal, tell) {
  unlock();
  const mine = turn;
  const waiting = new AbortController();
  free = () => waiting.abort();
  const hold = () => {
    if (mine !== turn) return undefined;
    return new Promise((release) => {
      free = release;
      tell("locked");
    });
  };
  const lost = () => mine === turn && tell("lock lost");
  navigator.locks.request(NAME, steal ? { steal } : { signal: waiting.signal }, hold).catch(lost);
}

/** Lets go of it, or stops waiting for it. */
export function unlock() {
  turn += 1;
  free();
}
