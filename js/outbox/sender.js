/** Sends deliveries. What their end means is the module's business. */

/** More of a response is not read, in bytes. */
const LIMIT = 256 * 1024;

/** What a delivery is sent with: no cookies, no redirect, no cache. */
const OPTIONS = {
  method: "POST",
  mode: "cors",
  credentials: "omit",
  redirect: "error",
  cache: "no-store",
  referrerPolicy: "strict-origin-when-cross-origin",
};

/**
 * Sends one. Gives `{ status, contentType, retryAfter, body }`, `{ status }` if the body is too large, or a word that says why
 * there is no response: `aborted`, or `network`.
 */
export async function send(url, headers, body, keepalive, timeout, controller) {
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    controller.abort();
  }, timeout);
  try {
    const response = await fetch(url, { ...OPTIONS, headers, body, keepalive, signal: controller.signal });
    const { status } = response;
    const text = await read(response.body);
    if (text === undefined) return { status };
    const [contentType, retryAfter] = ["content-type", "retry-after"].map((name) => response.headers.get(name));
    return { status, contentType, retryAfter, body: text };
  } catch {
    return controller.signal.aborted && !isLate ? "aborted" : "network";
  } finally {
    clearTimeout(late);
  }
}

/** A stream's text, read to its end, which frees what the browser has for requests that outlive the page. */
async function read(stream) {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for (const reader = stream?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > LIMIT) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

let promised = [];

/** What `fetchLater` sends if the page is never heard of again. Replaces what was given before. */
export function sendLater(deliveries) {
  for (const controller of promised) controller.abort();
  promised = [];
  for (const [url, headers, body] of deliveries) {
    const controller = new AbortController();
    try {
      fetchLater(url, { ...OPTIONS, headers, body, signal: controller.signal });
      promised.push(controller);
    } catch {
      // There is no room for more.
      return;
    }
  }
}
