/** The border of a module: what goes in and out is watched, so that a fault is noticed at once and is the end of it. */

import { failure } from "./errors.js";

/** The same things, their functions wrapped. */
function wrapped(things, wrap) {
  const entries = Object.entries(things).map(([name, it]) => [name, typeof it === "function" ? wrap(it) : it]);
  return Object.fromEntries(entries);
}

/**
 * What the glue's `instance()` is given, for one module.
 *
 * What an export throws has left Rust in the middle of something: a trap, a panic, or an exception of the page where none
 * was expected. (What Rust means to throw, the glue throws after the export has returned.) The module cannot be trusted
 * any more then, and nothing of it runs: its exports do nothing, whatever listener or timer calls them, and what of it is
 * still under way ends with the next function that it calls. `onFault` is called once, with the error.
 */
export function watch(onFault) {
  let fault;
  const imported = (call) => (...parts) => {
    if (fault) throw fault;
    return call(...parts);
  };
  const exported = (call) => (...parts) => {
    // What the glue makes of this is nothing, too: some of it looks at the first places of a list.
    if (fault) return [];
    try {
      return call(...parts);
    } catch (thrown) {
      if (!fault) {
        fault = failure("internal", `Cuehook has failed and has stopped: ${thrown?.message ?? thrown}`, thrown);
        onFault(fault);
      }
      throw fault;
    }
  };
  return [(imports) => wrapped(imports, imported), (exports) => wrapped(exports, exported)];
}
