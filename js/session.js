/**
 * The session: from the first event in a tab until the tab is closed, reloads included. A duplicated tab begins with a copy of the
 * other one's storage, so whoever uses a session holds a lock for it, and a session that is held elsewhere is not taken.
 */

const KEY = "cuehook.session";

let session;
let release;

/** That of this page: `{ id, startedAt, isResumed }`. Nothing is stored by asking. */
export function sessionOfTab() {
  return (session ??= resumed().then((found) => found ?? freshSession()));
}

/** A new one. */
export function freshSession() {
  const now = Date.now();
  const time = now.toString(16).padStart(12, "0");
  const chance = [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => (byte + 256).toString(16).slice(1)).join("");
  const variant = (8 + (parseInt(chance[3], 16) & 3)).toString(16);
  // UUID of version 7.
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(0, 3)}-${variant}${chance.slice(4, 7)}-${chance.slice(7, 19)}`;
  return { id, startedAt: new Date(now).toISOString() };
}

async function resumed() {
  let found;
  try {
    found = JSON.parse(sessionStorage.getItem(KEY));
  } catch {}
  const isOne = /^[\da-f-]{36}$/.test(found?.id) && !Number.isNaN(Date.parse(found.startedAt));
  return isOne && (await holdSession(found.id)) ? { ...found, isResumed: true } : undefined;
}

/** Keeps the session for the next page in this tab; none: forgets it. */
export function keepSession(kept) {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify({ id: kept.id, startedAt: kept.startedAt }));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Where storage is denied, a session ends with its page.
  }
}

/**
 * Holds the session's lock until the page is left. Gives false if another tab holds it; with `patience`, if it still does after so
 * many milliseconds: a page of this tab that has just been left may hold it for a moment.
 */
export function holdSession(id, patience = 0) {
  release?.();
  return new Promise((tell) => {
    const hold = (lock) => {
      tell(lock !== null);
      if (lock) return new Promise((end) => (release = end));
    };
    const options = patience > 0 ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
    try {
      navigator.locks
        .request(`cuehook:tab:${id}`, options, hold)
        .catch((error) => tell(error?.name !== "TimeoutError"));
    } catch {
      tell(true);
    }
  });
}

/** Lets go of it, as pages must that the browser keeps for later. */
export const releaseSession = () => release?.();
