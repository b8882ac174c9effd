/** Errors of the same shape as those that the module throws. */

export function failure(code, message, cause) {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.name = "CuehookError";
  error.code = code;
  return error;
}

/** Whatever was thrown, as a CuehookError. A trap of the module is Cuehook's own fault. */
export function asCuehookError(thrown) {
  if (thrown?.name === "CuehookError") return thrown;
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
