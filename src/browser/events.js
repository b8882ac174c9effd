// Events as listeners see them. What is in them is the core's concern.

const define = (object, name, get) => Object.defineProperty(object, name, { get, enumerable: true });

/**
 * Dispatches an event. Its detail is `given`, or made of the JSON text that `given` gives: when a listener looks at it, and
 * it stays the same object from then on. With a response in it nobody shall pay for what nobody reads; nor for the `body`.
 *
 * Returns null if a listener has called `preventDefault()`, or else which header fields there are then in the detail of an
 * event that may be cancelled, as far as somebody has looked at it: names and values, one after the other.
 */
export function dispatch(target, name, cancelable, given, body) {
  let detail = typeof given === "object" ? given : undefined;
  const event = new CustomEvent(name, { bubbles: true, composed: true, cancelable });
  define(event, "detail", () => {
    if (!detail) {
      // Through `JSON.parse`, so that every key is plain data.
      const made = attempt(() => JSON.parse(given()));
      if (made && body) define(made, "body", body);
      // A page that has put its own function in the place of `JSON.parse` may have come by here meanwhile.
      detail ??= made;
    }
    return detail ?? {};
  });
  // Wrappers of media elements have functions of that name which do something else.
  const isAllowed = EventTarget.prototype.dispatchEvent.call(target, event);
  return isAllowed ? (cancelable && detail ? texts(detail) : []) : null;
}

/** The entries of `headers` whose value is a text. All of it is in the page's hands: what throws is left out. */
function texts(detail) {
  const headers = attempt(() => detail.headers);
  const found = [];
  for (const name of attempt(() => Reflect.ownKeys(headers)) ?? []) {
    const value = attempt(() => headers[name]);
    if (typeof name === "string" && typeof value === "string") found.push(name, value);
  }
  return found;
}

function attempt(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}
