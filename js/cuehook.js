/**
 * Cuehook: an interactive-video webhook runtime.
 *
 * This is the entry; what it exports is documented in cuehook.d.ts. Importing it touches nothing, not even in Node,
 * except that it defines `<cue-hook>` and `globalThis.Cuehook` where there is a document.
 */

import { CueHook, TAG } from "./element.js";
import { CuehookError } from "./errors.js";
import { attach } from "./handle.js";
import { config, present } from "./loader.js";

/** The namespace that scripts without imports use. */
export const Cuehook = Object.assign(config, { attach, CuehookError });

if (typeof document !== "undefined" && typeof HTMLElement !== "undefined") {
  if (present?.attach) console.info("[cuehook] loaded twice; the first copy stays in charge.");
  else globalThis.Cuehook = Cuehook;
  if (!customElements.get(TAG)) customElements.define(TAG, CueHook);
}

export { attach, CueHook, CuehookError };
export default Cuehook;
