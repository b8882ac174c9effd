/**
 * Events, as far as every page has them: what happens is queued with its time until the outbox is there. The outbox itself
 * is in `outbox/`, and is fetched when a project has webhooks that are sent events, or when the page calls for it.
 */

import { failure } from "./errors.js";
import { config } from "./loader.js";
import * as session from "./session.js";

/** So many things wait for the outbox; more than happen while it is fetched. */
const MOST = 1_000;
/** What it is told of a media element. */
const WATCHED = "play playing pause timeupdate seeking seeked ended ratechange durationchange emptied".split(" ");
/** What a project needs of the outbox, as the module says it: events, and formats of other systems. */
const EVENTS = 1;
const FORMATS = 4;
/** What there is to say where nothing is sent. */
const NOTHING = { storage: "none", waiting: 0, delivered: 0, dead: 0, lost: 0, oldestMs: null, webhooks: [] };

let loading;

/** The outbox of the page. Script and module are fetched side by side. Addresses are written out, so that bundlers find the files. */
function load(needs) {
  return (loading ??= (async () => {
    const isLarge = needs & FORMATS;
    const response = fetch(
      isLarge
        ? (config.outboxFormatsUrl ?? new URL("./dist/outbox-formats/cuehook_bg.wasm", import.meta.url))
        : (config.outboxUrl ?? new URL("./dist/outbox/cuehook_bg.wasm", import.meta.url)),
    );
    response.catch(() => {});
    const { open } = await (isLarge ? import("./outbox/formats.js") : import("./outbox/outbox.js"));
    return open(response, await session.sessionOfTab(), { ...session, failure });
  })());
}

/** Who watches, as JSON text; nobody if there is no such form. */
const written = (viewer) => (viewer ? JSON.stringify(viewer) : undefined);

const unwanted = () => failure("config-invalid", "No webhook of this project is sent events: give one `events`.");
const denied = () => failure("aborted", "Nothing is recorded without consent.");

/**
 * The events of one instance. `host` gives the element where the page is told of deliveries. Of what comes back `ledger` is
 * for the module, `outbox` for the page, and the rest for the handle.
 */
export function eventsOf(host, { viewer, consent } = {}) {
  let queue = [];
  let source;
  let media;
  /** What the handle knows of the project, once there is one: see `begin`. */
  let given;
  let turn = 0;

  const mayRecord = () => consent !== "denied";

  const tell = (...what) => {
    const moment = [Date.now(), performance.now()];
    if (source) source.tell(...moment, ...what);
    else if (mayRecord() && (!given || given.needs) && queue.length < MOST) queue.push([...moment, ...what]);
    else return false;
    return true;
  };
  /** Tells of something, and gives a promise that the outbox settles. */
  const ask = (...what) =>
    new Promise((resolve, reject) => {
      if (!tell(...what, [resolve, reject])) reject(mayRecord() ? unwanted() : denied());
    });
  const refuseAll = (error) => {
    for (const item of queue.splice(0)) item.at(-1)?.[1]?.(error);
  };

  const start = async () => {
    const mine = ++turn;
    try {
      const page = await load(given.needs);
      if (mine !== turn) return;
      source = page.join({ ...given, host, viewer: written(viewer) });
      for (const item of queue.splice(0)) source.tell(...item);
    } catch (error) {
      loading = undefined;
      console.error(`[cuehook] Events are not sent: ${error?.message ?? error}`);
      refuseAll(failure("wasm-load", "The outbox could not be loaded.", error));
    }
  };
  /** Ends what is told of, and says why the view has ended. */
  const stop = (reason) => {
    turn += 1;
    source?.end(reason);
    source = undefined;
  };

  const observe = ({ type }) => {
    const { currentTime, duration, paused, playbackRate } = media;
    // JSON has no infinite numbers.
    tell("media", type, currentTime, Math.min(duration, 1e308), paused, playbackRate);
  };
  const follow = (found) => {
    for (const name of WATCHED) media?.removeEventListener(name, observe);
    media = found;
    for (const name of WATCHED) media?.addEventListener(name, observe);
  };

  const deny = async () => {
    stop("destroyed");
    refuseAll(denied());
    session.keepSession();
    await (loading ? (await loading).purge() : indexedDB.deleteDatabase("cuehook"));
  };
  if (!mayRecord()) deny().catch(() => {});

  const outbox = {
    get state() {
      return source?.state ?? NOTHING;
    },
    flush: async () => (await load()).flush(),
    purge: async () => (await load()).purge(),
    record: async (type, properties = {}) => {
      const text = JSON.stringify(properties);
      if (text?.[0] !== "{") throw failure("config-invalid", "The properties of an event must be an object.");
      if (given && !(given.needs & EVENTS)) throw unwanted();
      return ask("custom", String(type), text);
    },
    get viewer() {
      return viewer;
    },
    set viewer(value) {
      viewer = value;
      if (source) tell("viewer", written(value));
    },
    get consent() {
      return consent ?? "granted";
    },
    set consent(value) {
      const could = mayRecord();
      consent = value;
      if (could && !mayRecord()) deny().catch(() => {});
      else if (!could && mayRecord() && given?.wanted) start();
    },
  };

  return {
    outbox: Object.freeze(outbox),
    ledger: {
      record: (text) => tell("occurred", text),
      keep: (id, record) => ask("keep", id, record).catch(() => {}),
      settle: (id) => tell("forget", id),
    },
    /** The project is known: `needs` is what the module says that it needs of the outbox; `restore` asks once more for a request. */
    begin(project) {
      stop("replaced");
      given = project;
      follow(given.needs ? given.media : undefined);
      if (!given.needs) refuseAll(unwanted());
      else if (mayRecord()) start();
    },
    follow: (found) => given?.wanted && follow(found),
    end() {
      stop("destroyed");
      follow();
      refuseAll(failure("aborted", "This instance has been destroyed."));
    },
  };
}
