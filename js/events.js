/**
 * Events, as far as every page has them: what happens is queued with its time until the outbox is there. The outbox itself
 * is in `outbox/`, and is fetched when a project has webhooks that are sent events, or when the page calls for it.
 */

import { failure } from "./errors.js";
import { config } from "./loader.js";
import * as session from "./session.js";

/** So much waits for the outbox, in characters; more than happens while it is fetched. */
const MOST_BYTES = 200_000;
/** What it is told of a media element. */
const WATCHED = "play playing pause timeupdate seeking seeked ended ratechange durationchange emptied".split(" ");
/** The bit of what a project needs that says: formats of other systems. */
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

/** Deletes what earlier pages have stored, where the outbox is not there to do it. */
const deleted = () =>
  new Promise((resolve) => {
    const request = indexedDB.deleteDatabase("cuehook");
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });

/**
 * The events of one instance. `host` gives the element where the page is told of deliveries. Of what comes back `ledger` is
 * for the module, `outbox` for the page, and the rest for the handle.
 */
export function eventsOf(host, { viewer, consent } = {}) {
  /** What waits for the outbox: wall clock, monotonic clock, a word, and what belongs to it. */
  let queue = [];
  let room = MOST_BYTES;
  let source;
  let media;
  /** What the handle knows of the project, once there is one: see `begin`. */
  let given;
  /** Why nothing is recorded. */
  let refusal;
  let turn = 0;

  const mayRecord = () => ["granted", "", null, undefined].includes(consent);

  const tell = (...what) => {
    const moment = [Date.now(), performance.now()];
    if (source) {
      source.tell(...moment, ...what);
      return;
    }
    for (const part of what) room -= part?.length ?? 8;
    const why = refusal ?? (room < 0 ? failure("too-large", "The outbox is not there yet, and too much waits for it.") : undefined);
    if (why) what.at(-1)?.[1]?.(why);
    else queue.push([...moment, ...what]);
  };
  /** Tells of something, and gives a promise that the outbox settles. */
  const ask = (...what) => new Promise((...settle) => tell(...what, settle));

  /** Nothing is recorded from now on. */
  const refuse = (why) => {
    refusal = why;
    for (const item of queue.splice(0)) item.at(-1)?.[1]?.(why);
  };

  const start = async () => {
    const mine = ++turn;
    refusal = undefined;
    room = MOST_BYTES;
    try {
      const page = await load(given.needs);
      if (mine !== turn) return;
      source = page.join({ ...given, host, viewer: written(viewer) });
      for (const item of queue.splice(0)) source.tell(...item);
    } catch (error) {
      loading = undefined;
      console.error(`[cuehook] Events are not sent: ${error?.message ?? error}`);
      refuse(failure("wasm-load", "The outbox could not be loaded, so events are not sent.", error));
    }
  };
  /** Ends what is told of; with a reason, the view has ended for it. */
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

  const purge = async () => {
    session.keepSession();
    await (loading ? (await loading).purge() : deleted());
  };
  const deny = () => {
    stop();
    refuse(failure("aborted", "Nothing is recorded without consent."));
    // Where storage is denied, nothing has been stored.
    purge().catch(() => {});
  };
  if (!mayRecord()) deny();

  const outbox = {
    get state() {
      return source?.state ?? NOTHING;
    },
    async flush() {
      if (!mayRecord()) throw refusal;
      await (await load(given?.needs)).flush();
    },
    purge,
    async record(type, properties = {}) {
      const text = JSON.stringify(properties);
      if (text?.[0] !== "{") throw failure("config-invalid", "The properties of an event are an object.");
      // Where the video is now, not where it was when its time was passed on last.
      if (media) observe({ type: "timeupdate" });
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
      return consent || "granted";
    },
    set consent(value) {
      const could = mayRecord();
      consent = value;
      if (could && !mayRecord()) deny();
      else if (!could && mayRecord() && given) begin(given);
    },
  };

  const begin = (project) => {
    stop("replaced");
    given = project;
    follow(given.needs ? given.media : undefined);
    if (!mayRecord()) return;
    if (given.needs) start();
    else refuse(failure("config-invalid", "No webhook of this project is sent events: give one `events`."));
  };

  return {
    outbox: Object.freeze(outbox),
    ledger: {
      record: (text) => tell("occurred", text),
      keep: (id, record) => ask("keep", id, record).catch(() => {}),
      settle: (id) => tell("forget", id),
    },
    /** The project is known: `needs` is what the module says that it needs of the outbox; `restore` asks once more for a request. */
    begin,
    follow(found) {
      if (given) given.media = found;
      if (given?.needs) follow(found);
    },
    end() {
      stop("destroyed");
      follow();
      refuse(failure("aborted", "This instance has been destroyed."));
    },
  };
}
