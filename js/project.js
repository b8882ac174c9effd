/** The project document: where its text comes from. What it says is the module's concern. */

import { failure } from "./errors.js";

/** So long a project's address may take, its body included, in milliseconds. */
const PATIENCE = 30_000;

const isAddress = (project) =>
  project instanceof URL || (typeof project === "string" && !project.trimStart().startsWith("{"));

/** A project as text: that of the document, given as an object or as JSON text, or else the address of its file. */
export function written(project) {
  if (typeof project === "string" || project instanceof URL) return String(project);
  try {
    return JSON.stringify(project) ?? "null";
  } catch (cause) {
    throw failure("config-invalid", `The project cannot be written as JSON: ${cause.message}`, cause);
  }
}

/** The text of a project document, or of `what` else is written like one: an object, JSON text, or the address of a file. */
export async function projectText(project, what = "The project") {
  const given = written(project);
  if (!isAddress(project)) return given;
  let url;
  try {
    url = new URL(given, document.baseURI);
  } catch (cause) {
    throw failure("config-invalid", `${what}'s address \`${given}\` is not a valid URL.`, cause);
  }
  const signal = AbortSignal.timeout(PATIENCE);
  let response;
  let text;
  try {
    // Without other options, so that a preload is used.
    response = await fetch(url, { signal });
    text = await response.text();
  } catch (cause) {
    if (signal.aborted) {
      throw failure("timeout", `${what} ${url} was not there within ${PATIENCE / 1000} seconds.`, cause);
    }
    throw failure("network", `${what} ${url} could not be loaded: ${cause?.message ?? cause}`, cause);
  }
  if (!response.ok) {
    throw failure("http-status", `${what} ${url} could not be loaded: status ${response.status}.`);
  }
  return text;
}
