/**
 * The loader of the WebAssembly module.
 *
 * There are two builds: the default one, and a larger one with minijinja, for documents with `"expressions": "full"`.
 * The glue of the default build is imported here, so that `cargo xtask build --release` puts it into the same file, and
 * a page needs no request for it. That of the other build is fetched with its module, when it is asked for.
 */

import { watch } from "./border.js";
import * as defaultGlue from "./dist/cuehook.js";
import { CuehookError, failure } from "./errors.js";

/** How long the report of a Content-Security-Policy may take after the refusal itself, in milliseconds. */
const VIOLATION_GRACE = 50;

/** What the page set before this script ran, such as `globalThis.Cuehook = { wasmUrl: "/cuehook.wasm" }`. */
// Its own property: an element of the page with the id `Cuehook` is found under that name, too.
export const present = Object.hasOwn(globalThis, "Cuehook") ? globalThis.Cuehook : undefined;
/** Becomes the namespace, where the page may set them as well. */
export const config = {
  wasmUrl: present?.wasmUrl,
  fullWasmUrl: present?.fullWasmUrl,
  outboxUrl: present?.outboxUrl,
  outboxFormatsUrl: present?.outboxFormatsUrl,
};

/** By the value of `expressions`. Addresses are written out, so that bundlers find the files. */
const builds = {
  default: {
    url: () => config.wasmUrl ?? new URL("./dist/cuehook_bg.wasm", import.meta.url),
    glue: () => defaultGlue,
  },
  full: {
    url: () => config.fullWasmUrl ?? new URL("./dist/full/cuehook_bg.wasm", import.meta.url),
    glue: () => import("./dist/full/cuehook.js"),
  },
};

const loads = new Map();
let failureLogged = false;

/**
 * Gives a module of a build: `"full"`, or the default one. There is one for the whole page, and another one only if it
 * could not be loaded or has failed. The request is under way when this returns.
 *
 * The module has `attach`, `explain` (the full one), `failed`, and `users`: a function of each instance, which is called with the error when the
 * module fails. It takes the instance off the page, and gives a function that tells of it.
 */
export function load(expressions) {
  const build = expressions ?? "default";
  if (!Object.hasOwn(builds, build)) {
    const found = JSON.stringify(expressions) ?? String(expressions);
    const message = `\`expressions\` must be "full", or be left out for the default build; found ${found}.`;
    return Promise.reject(failure("config-invalid", message));
  }
  if (!loads.has(build)) {
    const loading = fetchModule(builds[build], () => loads.delete(build)).catch((error) => {
      loads.delete(build);
      if (!failureLogged) console.error(`[cuehook] ${error.message}`);
      failureLogged = true;
      throw error;
    });
    loads.set(build, loading);
  }
  return loads.get(build);
}

/** Starts to load a build that is going to be needed. Whoever needs it hears of a failure. */
export function preload(expressions) {
  load(expressions).catch(() => {});
}

async function fetchModule(build, forget) {
  const violations = [];
  const note = (event) => violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
  document.addEventListener("securitypolicyviolation", note);
  const url = build.url();
  try {
    // Glue and module are fetched side by side. Without options, so that a preload is used.
    const response = fetch(url);
    response.catch(() => {});
    const { instance } = await build.glue();
    const module = { users: new Set(), failed: false };
    const { start, attach, explain } = instance(
      ...watch((fault) => {
        module.failed = true;
        forget();
        // First all of them: who is told may do anything.
        for (const tell of [...module.users].map((user) => user(fault))) {
          try {
            tell();
          } catch {}
        }
      }),
      CuehookError,
    );
    await start(response);
    return Object.assign(module, { attach, explain });
  } catch (cause) {
    const isOurs = (text) => /wasm-eval|cuehook/.test(text) || text.includes(url);
    if (!violations.some(isOurs)) await new Promise((resolve) => setTimeout(resolve, VIOLATION_GRACE));
    if (violations.some(isOurs) || /content security policy|unsafe-eval/i.test(cause?.message)) {
      throw failure(
        "csp",
        "The page's Content-Security-Policy keeps Cuehook from starting. It needs script-src 'wasm-unsafe-eval', and " +
          `connect-src for the .wasm file and for the webhooks. The browser said: ${cause?.message}`,
        cause,
      );
    }
    throw failure(
      "wasm-load",
      `Cuehook's WebAssembly module could not be loaded, so the video plays without it: ${cause?.message}`,
      cause,
    );
  } finally {
    document.removeEventListener("securitypolicyviolation", note);
  }
}
