/** The relay beside this page's server: what a page may know of it, and the project as it is called through it. */

/** Where it is, a token, and its webhooks by their ids: address, header fields, and the names of those that are secret. */
let told = null;

const ask = async () => {
  try {
    const response = await fetch("/relay.json");
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
};

/** Asks the server for a relay. Gives its address, or null: then webhooks are called directly. */
export async function findRelay() {
  told = await ask();
  return told?.address ?? null;
}

/** A token for this page: the one that came with the address, then a new one each time. */
export async function relayToken() {
  const token = told.token ?? (await ask())?.token;
  told.token = null;
  return token ?? "";
}

/** What the relay does with a request to that address; null if it goes elsewhere. */
export function relayedBy(url) {
  const start = `${told?.address}/v1/call/`;
  return url.startsWith(start) ? (told.webhooks[decodeURIComponent(url.slice(start.length))] ?? null) : null;
}

/** The project with ids of the relay in the place of addresses and header fields, when the webhook behaves in this way. */
export function throughRelay(project, address, mode) {
  const copy = structuredClone(project);
  const story = address.split("/").at(-1).replace(".json", "");
  for (const webhook of copy.webhooks) {
    const id = [story, webhook.id, ...(mode.query ? [mode.id] : [])].join(".");
    if (!told.webhooks[id]) continue;
    for (const field of ["url", "headers", "retries"]) delete webhook[field];
    webhook.relay = id;
    if (mode.timeoutMs) webhook.timeoutMs = mode.timeoutMs;
  }
  return copy;
}
