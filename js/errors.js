/** Errors. The module makes its own with this class, too: see `instance()` in loader.js. */

export class CuehookError extends Error {
  name = "CuehookError";

  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** Also for errors of another copy of this script: a page may have one in its bundle and one in a script tag. */
  static [Symbol.hasInstance](thrown) {
    return thrown?.name === "CuehookError";
  }
}

export const failure = (code, message, cause) => new CuehookError(code, message, cause);

/** Whatever was thrown, as a CuehookError. A trap of the module is Cuehook's own fault. */
export function asCuehookError(thrown) {
  if (thrown instanceof CuehookError) return thrown;
  return failure("internal", `Cuehook has failed: ${thrown?.message ?? thrown}`, thrown);
}

/** Dispatches `cuehook:error` for an error that the module could not dispatch itself. */
export function report(host, media, error) {
  const { code, message } = error;
  // loader.js has written these to the console, once for the page.
  if (code !== "wasm-load" && code !== "csp") console.error(`[cuehook] ${message}`);
  const detail = { mediaTime: Number(media?.currentTime) || 0, code, message };
  const event = new CustomEvent("cuehook:error", { bubbles: true, composed: true, detail });
  // Wrappers of media elements have functions of that name which do something else.
  EventTarget.prototype.dispatchEvent.call(host, event);
}
