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
const WATCHED = ["playing", "timeupdate", "pause", "seeking", "seeked", "ended", "emptied"];
/** What there is to say where nothing is sent. */
const NOTHING = { storage: "none", waiting: 0, delivered: 0, dead: 0, lost: 0, oldestMs: null, webhooks: [] };

let loading;

/** By what the module says it needs. Addresses are written out, so that bundlers find the files. */
const builds = {
  events: {
    url: () => config.outboxUrl ?? new URL("./dist/outbox/cuehook_bg.wasm", import.meta.url),
    script: () => import("./outbox/outbox.js"),
  },
  formats: {
    url: () => config.outboxFormatsUrl ?? new URL("./dist/outbox-formats/cuehook_bg.wasm", import.meta.url),
    script: () => import("./outbox/formats.js"),
  },
};

/** The outbox of the page. Script and module are fetched side by side. */
function load(build = "events") {
  return (loading ??= (async () => {
    const { url, script } = builds[build];
    const response = fetch(url());
    response.catch(() => {});
    const { open } = await script();
    return open(response, await session.sessionOfTab(), session);
  })());
}

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
    else if (mayRecord() && (!given || given.wanted) && queue.length < MOST) queue.push([...moment, ...what]);
    else return false;
    return true;
  };
  /** Tells of something, and gives a promise that the outbox settles. */
  const ask = (...what) =>
    new Promise((resolve, reject) => {
      const why = () => (mayRecord() ? "No webhook is sent events, so there is nothing to record for." : "Consent is denied, so nothing is recorded.");
      if (!tell(...what, [resolve, reject])) reject(failure("aborted", why()));
    });
  const refuseAll = (error) => {
    for (const item of queue.splice(0)) item.at(-1)?.[1]?.(error);
  };

  const start = async () => {
    const mine = ++turn;
    try {
      const page = await load(given.wanted);
      if (mine !== turn) return;
      source = page.join({ ...given, host, viewer });
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

  const observe = ({ type }) => tell("media", type, media.currentTime, media.duration || 0, media.paused);
  const follow = (found) => {
    for (const name of WATCHED) media?.removeEventListener(name, observe);
    media = found;
    for (const name of WATCHED) media?.addEventListener(name, observe);
  };

  const deny = async () => {
    stop("destroyed");
    refuseAll(failure("aborted", "Consent has been denied."));
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
      return ask("custom", String(type), text);
    },
    get viewer() {
      return viewer;
    },
    set viewer(value) {
      viewer = value;
      source?.tell(Date.now(), performance.now(), "viewer", value);
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
    /** The project is known: `wanted` is the module's word for what it needs; `restore` asks once more for a request. */
    begin(project) {
      stop("replaced");
      given = project;
      follow(given.wanted ? given.media : undefined);
      if (!given.wanted) refuseAll(failure("config-invalid", "No webhook of this project is sent events."));
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
