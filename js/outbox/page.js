/**
 * The outbox of a page: carries out what its module says, and tells it what came of that. Only pages that have events to send
 * fetch it. What crosses is JSON text, both ways: lists that begin with a word. See `crates/outbox/src/browser.rs`.
 */

import { hasLocks, lock, unlock } from "./lock.js";
import { send, sendLater } from "./sender.js";
import { openStore } from "./store.js";

/** So often the module may fail. After the first time there is a fresh one. */
const MOST_FAULTS = 1;
/** So long a page that comes back waits for the one that was in its place to let go of the session, in milliseconds. */
const MOST_HELD = 1_000;
/** So many requests of earlier pages wait for an instance that knows them. */
const MOST_ORPHANS = 20;

/** What is told of the page, whichever instance tells it. */
const OF_PAGE = new Set(["keep", "forget"]);

/** Of a delivery: no token, or the one that is known. More: a fresh one. */
const NO_TOKEN = 0;
const KNOWN_TOKEN = 1;

/** Address and header fields with a token: in the address where there is to be no header but the content type. */
function shown(url, headers, token) {
  if (!token) return [url, headers];
  return headers.length > 1
    ? [url, [...headers, ["authorization", `Bearer ${token}`]]]
    : [`${url}?token=${encodeURIComponent(token)}`, headers];
}

const chance = () => [...crypto.getRandomValues(new Uint32Array(8))];

/**
 * Gives what opens the outbox with the glue of its module. `response` is the promise of the module; `session` is that of this
 * tab, and `sessions` has what keeps and holds it.
 */
export const openWith = (instance) => async (response, session, sessions) => {
  const answer = await response;
  const { url } = answer;
  /** Calls the module; none while there is none. */
  let call;
  let faults = 0;
  /** What is told meanwhile. */
  let early = [];
  const effects = [];
  /** Whether what is stored survives the page; undefined before the store is open. */
  let isDurable;
  const store = openStore((durable) => {
    isDurable = durable;
    if (call) tell("opened", durable);
  });
  let isBusy = false;
  let lastNumber = 0;
  /** Who waits, by ticket: how to settle their promise, and with what. */
  const waiting = new Map();
  const sources = new Map();
  /** Requests of earlier pages that none of the instances knows so far. */
  const orphans = [];
  const timers = {};
  /** Deliveries that are under way. */
  const running = new Map();

  const now = () => [Date.now(), performance.now()];
  const tell = (...what) => tellAt(...now(), ...what);

  function tellAt(wall, clock, ...what) {
    if (!call) {
      early?.push([wall, clock, ...what]);
      return;
    }
    try {
      effects.push(...JSON.parse(call(JSON.stringify(what), wall, clock)));
    } catch (error) {
      fail(error);
    }
    // What an effect leads to waits for its turn.
    if (isBusy) return;
    isBusy = true;
    while (effects.length > 0) {
      const [name, ...parts] = effects.shift();
      try {
        perform[name](...parts);
      } catch (error) {
        // Such as a runtime that has failed: events go on.
        console.error("[cuehook]", error);
      }
    }
    isBusy = false;
  }

  /** Tells of something, and gives a promise that the module settles. */
  const ask = (...what) => new Promise((resolve, reject) => tell(...what, ticketFor({ resolve, reject })));

  function ticketFor(whoWaits) {
    lastNumber += 1;
    waiting.set(lastNumber, whoWaits);
    return lastNumber;
  }

  /** The relay whose events go there, if an instance names it: nobody else is shown its tokens. */
  function relayOf(url) {
    const relays = [...sources.values()].map(({ relay }) => relay);
    return relays.find((relay) => relay && url === `${relay.url}/v1/events`);
  }

  /** What the module tells to do, by its word. */
  const perform = {
    read: async (ticket, ...what) => tell("rows", ticket, (await store.read(...what)).flat()),
    write: async (ticket, ...what) => tell("written", ticket, await store.write(...what)),
    lock: (steal) => lock(steal, tell),
    unlock,
    async send(number, url, headers, body, keepalive, timeout, token) {
      const controller = new AbortController();
      running.set(number, controller);
      let head = [url, headers];
      if (token > NO_TOKEN) {
        const relay = relayOf(url);
        const isFresh = token > KNOWN_TOKEN;
        // At once, if there is one: the page may be about to end.
        head = shown(url, headers, (!isFresh && relay?.known) || (await relay?.token(isFresh)));
      }
      const outcome = await send(...head, body, keepalive, timeout, controller);
      if (running.delete(number)) tell("ended", number, outcome);
    },
    abort(number) {
      const controller = running.get(number);
      running.delete(number);
      controller?.abort();
    },
    later(deliveries) {
      const show = ([url, headers, body, token]) => [
        ...shown(url, headers, token > NO_TOKEN ? relayOf(url)?.known : undefined),
        body,
      ];
      sendLater(deliveries.map(show));
    },
    timer(name, after) {
      clearTimeout(timers[name]);
      timers[name] = setTimeout(tell, after, "rang", name);
    },
    stop: (name) => clearTimeout(timers[name]),
    /** Whoever waits is given this once it is durable. */
    named: (ticket, id) => Object.assign(waiting.get(ticket) ?? {}, { id }),
    settle(ticket, code, message) {
      const { resolve, reject, id } = waiting.get(ticket) ?? {};
      waiting.delete(ticket);
      if (code) reject?.(sessions.failure(code, message));
      else resolve?.(id);
    },
    /** Whichever instance it belongs to asks again. */
    restore(record) {
      const isTaken = [...sources.values()].some((source) => source.restore(record));
      if (!isTaken && orphans.length < MOST_ORPHANS) orphans.push(record);
    },
    warn: (code, message) => console.warn(`[cuehook] ${message} (${code})`),
    report(source, detail) {
      const { host } = sources.get(source) ?? sources.values().next().value ?? {};
      const event = new CustomEvent("cuehook:delivery", { bubbles: true, composed: true, detail });
      if (host) EventTarget.prototype.dispatchEvent.call(host(), event);
    },
    session: (id) => use({ id, startedAt: new Date().toISOString() }),
    state: () => {},
  };

  /** Another session from now on. */
  function use(other) {
    session = other;
    sessions.holdSession(session.id);
    // Whoever takes part has consent.
    if (sources.size > 0) sessions.keepSession(session);
  }

  /** A fresh module, which is told of everything that goes on. */
  async function start(response) {
    const { start, tell: entry } = instance((imports) => imports, (exports) => exports);
    await start(response);
    call = entry;
    tell("start", {
      ...session,
      seed: chance(),
      startedMs: Date.parse(session.startedAt),
      origin: location.origin,
      keepalive: "keepalive" in Request.prototype,
      fetchLater: "fetchLater" in globalThis,
      locks: hasLocks(),
    });
    for (const { begin } of sources.values()) begin();
    for (const item of early.splice(0)) tellAt(...item);
    if (isDurable !== undefined) tell("opened", isDurable);
  }

  /** Leaves the module that there is. What it had stored is stored; who waits hears that the rest is not known. */
  function drop() {
    call = undefined;
    effects.length = 0;
    for (const timer of Object.values(timers)) clearTimeout(timer);
    for (const number of running.keys()) perform.abort(number);
    unlock();
    for (const ticket of [...waiting.keys()]) perform.settle(ticket, "internal", "The outbox has failed.");
  }

  /** The module has failed. There is another one, once. */
  function fail(error) {
    drop();
    console.error(`[cuehook] The outbox has failed: ${error?.message ?? error}`);
    perform.report(0, { state: "lost", webhook: "", events: [], attempts: 0, reason: "internal" });
    faults += 1;
    if (faults <= MOST_FAULTS) start(fetch(url)).catch(fail);
    else early = undefined;
  }

  function leave({ type }) {
    if (type === "pagehide") for (const number of sources.keys()) tell("end", number, "left");
    tell("left");
    sessions.releaseSession();
  }
  async function comeBack() {
    if (await sessions.holdSession(session.id, MOST_HELD)) {
      tell("back");
      return;
    }
    // Another tab has begun with a copy of this one's session meanwhile.
    use(sessions.freshSession());
    drop();
    start(fetch(url)).catch(fail);
  }
  const listen = (target, name, listener) => target.addEventListener(name, listener, true);
  listen(window, "pagehide", leave);
  listen(document, "freeze", leave);
  listen(window, "pageshow", ({ persisted }) => persisted && comeBack());
  listen(document, "resume", comeBack);
  listen(document, "visibilitychange", () => tell("visible", !document.hidden));
  for (const name of ["online", "offline"]) listen(window, name, () => tell("online", navigator.onLine));

  if (!session.isResumed) sessions.holdSession(session.id);
  await start(answer);

  return {
    flush: () => ask("flush"),
    purge: () => ask("purge"),
    /** An instance takes part: with the texts of its project and defaults, its host, and so on. */
    join({ host, restore, viewer, relay, ...texts }) {
      lastNumber += 1;
      const number = lastNumber;
      let page = location.href;
      const begin = () => {
        tell("source", number, { ...texts, relay: relay?.url, page, seed: chance() });
        if (viewer) tell("viewer", number, viewer);
      };
      sources.set(number, { host, restore, relay, begin });
      sessions.keepSession(session);
      begin();
      for (const record of orphans.splice(0)) perform.restore(record);
      return {
        tell(wall, clock, what, ...parts) {
          const settle = parts.at(-1);
          if (Array.isArray(settle)) parts[parts.length - 1] = ticketFor({ resolve: settle[0], reject: settle[1] });
          if (what === "viewer") [viewer] = parts;
          if (page !== location.href) tellAt(wall, clock, "address", number, (page = location.href));
          tellAt(wall, clock, what, ...(OF_PAGE.has(what) ? [] : [number]), ...parts);
        },
        /** Nothing more will come; with a reason, the view has ended for it. */
        end(reason = "") {
          tell("end", number, reason, true);
          sources.delete(number);
        },
        get state() {
          return call ? JSON.parse(call('["state"]', ...now()))[0][1] : undefined;
        },
      };
    },
  };
};
