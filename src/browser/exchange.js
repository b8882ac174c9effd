// One attempt of a request, from `fetch` to the last byte of the answer. It has no decisions in it, and is no Rust, because
// what waits for promises makes a module much larger than a script. What is sent has been put together in fetch.rs.

/** Whether this browser knows requests that go on when the page is left. */
export const knowsKeepalive = () => "keepalive" in Request.prototype;

/**
 * How long a failed attempt waits for the report of a Content-Security-Policy: browsers send it in a task of its own, after
 * the promise is rejected.
 */
const VIOLATION_GRACE_MS = 50;

/**
 * Sends `request`, and tells `settled` what came of it: `{ status, contentType, retryAfter, outcome, body }`, or `{ failure,
 * status }` with one of the words of fetch.rs. Of the answer no more than `limit` bytes are read. A relay is shown the token of
 * the page's `ledger`, a fresh one if it says so.
 */
export async function exchange(url, request, limit, keepalive, controller, settled, ledger, fresh) {
  let isRefused = false;
  const watch = ({ effectiveDirective, blockedURI }) => {
    isRefused ||= effectiveDirective === "connect-src" && isAbout(blockedURI, url);
  };
  const isAborted = () => controller?.signal.aborted;
  let outcome;
  try {
    document.addEventListener("securitypolicyviolation", watch);
    const token = fresh === undefined ? fresh : await ledger.token?.(fresh);
    if (token) request.headers.set("authorization", `Bearer ${token}`);
    outcome = await send(request, limit, keepalive);
  } catch {
    // A promise may be rejected with anything: a page's own wrapper of `fetch`, an `abort("reason")`.
    if (!isAborted() && !isRefused) {
      await new Promise((resolve) => setTimeout(resolve, VIOLATION_GRACE_MS));
    }
    outcome = { failure: isAborted() ? "aborted" : isRefused ? "csp" : "network" };
  }
  document.removeEventListener("securitypolicyviolation", watch);
  settled(outcome);
}

/** Whether a violation report names this request: by its URL without fragment, or by its origin alone. */
function isAbout(blocked, url) {
  return blocked === url.split("#")[0] || blocked.replace(/\/+$/, "") === new URL(url).origin;
}

async function send(request, limit, keepalive) {
  // Only requests that nobody may leave behind: the browser keeps little room for them.
  const response = await fetch(request, keepalive ? { keepalive } : undefined);
  if (!(response instanceof Response)) {
    throw response;
  }
  const { status } = response;
  const bytes = await read(response.body, limit);
  if (!bytes) {
    return { failure: "too-large", status };
  }
  const names = ["content-type", "retry-after", "cuehook-outcome"];
  const [contentType, retryAfter, outcome] = names.map((name) => response.headers.get(name));
  return { status, contentType, retryAfter, outcome, body: bytes };
}

/** All bytes of a stream; none if there are more than `limit`. */
async function read(stream, limit) {
  const bytes = new Uint8Array(limit);
  let length = 0;
  for (const reader = stream?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    if (!(value instanceof Uint8Array)) {
      throw value;
    }
    if (length + value.length > limit) {
      // The promise settles when the connection is let go; nobody waits for that, and nobody minds a failure.
      reader.cancel().catch(() => {});
      return;
    }
    bytes.set(value, length);
    length += value.length;
  }
  return bytes.subarray(0, length);
}

/** So long the first attempt of a request waits until it is written down, in milliseconds. */
const PATIENCE = 2_000;

/** Has the page's ledger keep a request. Calls `kept` when it is kept, or if it cannot be: once, and never at once. */
export function keep(ledger, id, record, kept) {
  const written = (async () => ledger.keep?.(id, record))();
  Promise.race([written, new Promise((resolve) => setTimeout(resolve, PATIENCE))]).then(kept, kept);
}
