/** What a page has to do with its relay, but for the calls themselves: its address, its tokens, and what it says of its webhooks. */

/** So long a token or the settings may take, in milliseconds. Clicks do not wait that long. */
const PATIENCE = 30_000;

/**
 * The relay at an address. `given` gives the token of the page, or a function that gives one; `failure` makes errors.
 *
 * `url` has no `/` at its end. `token(fresh)` gives a promise of the token, or of nothing if there is none; `fresh` says that
 * the last one was refused. `known` is the last one, for when there is no time to wait.
 */
export function relayAt(address, given, failure) {
  let url;
  try {
    url = new URL(address, document.baseURI);
  } catch {}
  const isPlain = url && !url.search && !url.hash && !url.username && !url.password;
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    const message = `\`relay\` must be an address such as https://relay.example, without name, query and fragment; found ${address}.`;
    throw failure("config-invalid", message);
  }
  const base = url.href.replace(/\/+$/, "");

  let source;
  let known;
  let asked;
  let isAsking = false;

  async function ask() {
    isAsking = true;
    let late;
    try {
      const slow = new Promise((_, reject) => {
        late = setTimeout(reject, PATIENCE, new Error(`not within ${PATIENCE / 1000} seconds`));
      });
      const token = await Promise.race([typeof source === "function" ? source() : source, slow]);
      known = token ? String(token).trim() : undefined;
    } catch (error) {
      known = undefined;
      console.error("[cuehook] The page gives no token for its relay:", error);
    }
    clearTimeout(late);
    isAsking = false;
    return known;
  }

  const relay = {
    url: base,
    get known() {
      return source === given() ? known : undefined;
    },
    token(fresh) {
      const isOther = source !== given();
      source = given();
      // Whoever was refused at the same time waits for the same one.
      if (!asked || isOther || (fresh && !isAsking)) asked = ask();
      return asked;
    },
    /** Tells an instance what the relay says of its webhooks, as far as the document leaves that open, and it still matters. */
    async learn(instance, matters) {
      const ids = instance.relayed;
      if (!ids) return;
      let text;
      try {
        text = await relay.settings(ids);
      } catch (error) {
        console.warn(`[cuehook] The relay does not say how to call its webhooks, so the document counts: ${error?.message}`);
      }
      if (matters()) instance.settings(text);
    },
    /** What the relay says of its webhooks, as JSON text. */
    async settings(ids) {
      let response;
      for (const fresh of [false, true]) {
        const token = await relay.token(fresh);
        response = await fetch(`${base}/v1/settings?webhooks=${ids}`, {
          headers: token ? { authorization: `Bearer ${token}` } : {},
          credentials: "omit",
          redirect: "error",
          referrerPolicy: "strict-origin-when-cross-origin",
          signal: AbortSignal.timeout(PATIENCE),
        });
        if (response.headers.get("cuehook-outcome") !== "relay-auth") break;
      }
      if (!response.ok) throw new Error(`status ${response.status}`);
      return response.text();
    },
  };
  return relay;
}
