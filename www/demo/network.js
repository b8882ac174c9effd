/** Takes the network away from this page, and crashes the receiver of its events. */

const real = globalThis.fetch;
let offline = false;

// What the page itself asks of the server is not cut off: it is how the demo looks behind the scenes.
globalThis.fetch = (input, options) => {
  const method = options?.method ?? input?.method ?? "GET";
  if (offline && method === "POST") return Promise.reject(new TypeError("There is no network: the demo has taken it away."));
  return real(input, options);
};
Object.defineProperty(navigator, "onLine", { configurable: true, get: () => !offline });

/** Without network no request of this page leaves it. */
export function setOffline(value) {
  offline = value;
  dispatchEvent(new Event(value ? "offline" : "online"));
}

/** While it is down, the receiver resets every connection. */
export async function setDown(value) {
  await real("/collect-down", { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(value) });
}

/** What the receiver of that address holds. */
export async function heldAt(address) {
  return (await real(address)).json();
}
