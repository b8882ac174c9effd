// One player under one project. By query:
//
//   player   which one: the name of a file in entries/
//   order    before (the player has started when Cuehook starts) or after
//   stream   hls or dash: what is played, by players that can; files, or what the player is there for, without this
//   hook     the webhook of the area `wait`
//   by       object (attach is given the player's object) or the name of an adapter of the package (attach is given that)
//   still    present: nothing is started; `players.start()` does it
//
// What tests ask of the page is in `players`.
import { deepest, every, isInside, nameOf, pictureOf, placeOf } from "./look.js";

const query = new URLSearchParams(location.search);
const name = query.get("player") ?? "native";
const order = query.get("order") ?? "before";
const stream = query.get("stream");
const by = query.get("by");
const hook = query.get("hook") ?? "/webhook-test?key=players&hold=1";

const STREAMS = "/tests/players/streams";
/** What is played, by what the player plays: files, or a stream. */
const SOURCES = {
  file: { main: "/film/lake.webm", other: `${STREAMS}/lake.mp4`, advert: `${STREAMS}/advert/file.mp4` },
  hls: { main: `${STREAMS}/lake.m3u8`, other: `${STREAMS}/lake.m3u8`, advert: `${STREAMS}/advert/stream.m3u8` },
  dash: { main: `${STREAMS}/lake.mpd`, other: `${STREAMS}/lake.mpd`, advert: `${STREAMS}/advert/stream.mpd` },
};
let sources;

const area = (id, left, top, width, height, onClick) => ({
  id, kind: "area", label: `The area ${id}`, box: { left, top, width, height },
  onClick: onClick ?? [{ do: "callback", name: id }],
});
const project = {
  cuehook: 1,
  video: { id: "lake", title: "An evening at the lake" },
  webhooks: [{ id: "held", name: "Held", url: new URL(hook, location).href, waitForResponse: true, timeoutMs: 60000 }],
  elements: [
    area("everything", 0, 0, 100, 100),
    area("mouse", 4, 14, 18, 18),
    area("tap", 78, 14, 18, 18),
    area("enter", 4, 44, 18, 18),
    area("space", 78, 44, 18, 18),
    area("wait", 26, 14, 14, 18, [{ do: "executeWebhook", webhook: "held" }]),
    { id: "note", kind: "html", box: { left: 44, top: 12, width: 30, height: 22 }, source: "<p>Your name</p>" },
  ],
};

/** The attributes of the page's `<cue-hook>`, and what holds the player. */
const place = document.querySelector("main");
let entry, player, handle;

const media = () => entry.clock?.() ?? every("video").find((video) => !video.closest(".cuehook-stage, .advert"));
/** What has the player's size. */
const container = () => (entry.container && every(entry.container)[0]) || media();
/** So high are native controls at most. */
const NATIVE_CONTROLS = 72;
const elements = (id) => every(`[data-cuehook-element="${id}"]`);
const element = (id) => elements(id).at(-1);

// ------------------------------------------------------------------------------------------------- what has happened

const happened = [];
globalThis.happened = happened;
const MEDIA = ["play", "pause", "seeking", "volumechange", "ratechange", "ended", "emptied", "error"];
const followed = new WeakSet();

/** Notes what native media elements say from now on. */
function follow() {
  for (const one of [...every("video"), entry?.inner?.()]) {
    if (!one || followed.has(one) || one.closest(".cuehook-stage, .advert")) continue;
    followed.add(one);
    for (const type of MEDIA) one.addEventListener(type, () => happened.push(type));
  }
}
document.addEventListener("fullscreenchange", () => {
  happened.push(document.fullscreenElement ? "fullscreen" : "window");
});

// --------------------------------------------------------------------------------------------------------- beginning

async function load() {
  // The bundle of an entry loads its player when it is started.
  entry = (await import(`./built/${name}.js`)).default;
  sources = { ...SOURCES[stream || entry.plays || "file"], poster: "/film/lake.jpg" };
  if (entry.styles) {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `built/${name}.css` });
    const loaded = new Promise((done) => (link.onload = done));
    document.head.append(link);
    await loaded;
  }
}

const frame = () => new Promise((done) => requestAnimationFrame(done));

/** Loads Cuehook; with `attach` it is given its media. */
async function cuehook() {
  const { Cuehook } = await import("/pkg/cuehook.js");
  baseline ??= ourListeners();
  return Cuehook;
}
let baseline;

async function attach() {
  const Cuehook = await cuehook();
  if (entry.attach) {
    handle = await Cuehook.attach(await entry.attach(player), project, { host: entry.host?.(player) });
  } else if (by === "object") handle = await Cuehook.attach(player.api, project);
  else {
    const { default: adapter } = await import(`/pkg/players/${by}.js`);
    handle = await Cuehook.attach(adapter(player.parts ?? player.api), project);
  }
}

/** Waits until the element is ready, which it is not before there is a media element. */
async function ready() {
  await customElements.whenDefined("cue-hook");
  handle = await document.querySelector("cue-hook").ready;
}

async function startPlayer() {
  player = await entry.start(place.querySelector("cue-hook") ?? place, sources);
  follow();
}

async function start() {
  await load();
  const isAttached = by || entry.attach;
  if (!isAttached) {
    const address = URL.createObjectURL(new Blob([JSON.stringify(project)], { type: "application/json" }));
    // The element's own listeners go with it; it is there, undefined, when the page is parsed.
    place.innerHTML = `<cue-hook src="${address}"></cue-hook>`;
  }
  const holder = place.querySelector("cue-hook") ?? place;
  holder.insertAdjacentHTML("beforeend", entry.markup(sources));
  follow();
  if (order === "before") {
    await startPlayer();
    await (isAttached ? attach() : cuehook().then(ready));
  } else if (isAttached) {
    // What is attached to must be there; the player is started over it.
    await attach();
    await startPlayer();
  } else {
    await cuehook();
    // Without a media element there is nothing to wait for.
    if (entry.late) await frame().then(frame);
    else await ready();
    await startPlayer();
    await ready();
  }
  follow();
}

// ------------------------------------------------------------------------------------------------- what tests ask for

const api = {
  state: "loading",
  happened,
  get entry() {
    return entry;
  },
  get player() {
    return player;
  },
  get handle() {
    return handle;
  },
  get media() {
    return media();
  },
  start() {
    api.started = start().then(
      () => (api.state = "ready"),
      (error) => {
        api.state = `failed: ${error?.stack ?? error}`;
        console.error(error);
      },
    );
    return api.started;
  },
  /** What of the interface the entry has. */
  can: (what) => typeof player?.[what] === "function",
  note: follow,
  /** The middle of an element of the project, and whether it is what is hit there. */
  target(id) {
    const node = element(id);
    if (!node) return { error: `there is no element ${id}` };
    const box = placeOf(node);
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2].map(Math.round);
    if (!(box.width > 0)) return { x, y, error: `${id} has no size: ${describeStage()}` };
    const hit = deepest(x, y);
    return { x, y, error: isInside(hit, node) ? null : `${id} is covered at ${x}, ${y} by ${nameOf(hit)}` };
  },
  hit: (x, y) => nameOf(deepest(x, y)),
  focus: (id) => element(id).focus({ preventScroll: true }),
  activations: (id) => seen.named("activate").filter((detail) => detail.element === id).length,
  /** Puts a text field into the overlay. */
  field() {
    const note = element("note");
    if (!note.querySelector("input")) {
      note.append(Object.assign(document.createElement("input"), { type: "text", ariaLabel: "Name", size: 12 }));
    }
    return note.querySelector("input");
  },
  /** The player's controls that can be seen, each with what is hit in its middle if that is something else. */
  controls() {
    return (entry.controls?.() ?? every(entry.bar)).filter(isShown).map((node) => {
      const box = node.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const hit = deepest(x, y);
      return { name: nameOf(node), x, y, covered: isInside(hit, node) || isInside(node, hit) ? null : nameOf(hit) };
    });
  },
  /** The middle of one of the player's buttons: `play` or `fullscreen`. */
  button(what) {
    const node = typeof entry[what] === "function" ? entry[what]() : every(entry[what]).find(isShown);
    if (!node) return { error: `the player shows no ${what} button` };
    if ("x" in node && !node.nodeName) return node;
    const box = node.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const hit = deepest(x, y);
    return { x, y, error: isInside(hit, node) || isInside(node, hit) ? null : `${what} is covered by ${nameOf(hit)}` };
  },
  /**
   * By how many pixels the elements are off their places over the picture. `ratio` is that of the player's box to the
   * picture: 1 if nothing is beside it or cut off.
   */
  misplacement() {
    const picture = pictureOf(entry.picture?.() ?? media());
    let most = 0, worst = "";
    for (const { id, box } of project.elements) {
      const node = element(id);
      if (!node) return { error: `there is no element ${id}` };
      const is = placeOf(node);
      const wanted = {
        left: picture.left + (picture.width * box.left) / 100,
        top: picture.top + (picture.height * box.top) / 100,
        width: (picture.width * box.width) / 100,
        height: (picture.height * box.height) / 100,
      };
      // What reaches into native controls gives way to them.
      const bottom = picture.box.top + picture.box.height;
      if (media().controls && wanted.top + wanted.height > bottom - NATIVE_CONTROLS) continue;
      for (const side of Object.keys(wanted)) {
        const off = Math.abs(is[side] - wanted[side]);
        if (off > most) [most, worst] = [off, `${id}: ${side} is ${is[side].toFixed(1)}, not ${wanted[side].toFixed(1)}`];
      }
    }
    const outer = container().getBoundingClientRect();
    return { off: most, worst, ratio: outer.width / outer.height / (picture.natural.width / picture.natural.height) };
  },
  /** Gives the player's box this size. */
  resize(width, height) {
    const { style } = container();
    for (const [property, value] of Object.entries({ width, height })) {
      style.setProperty(property, `${value}px`, "important");
      style.setProperty(`max-${property}`, "none", "important");
    }
    style.setProperty("aspect-ratio", "auto", "important");
  },
  /** How the video is fitted into the player's box, which it fills then. */
  fit(value) {
    const { style } = media();
    const properties = { "object-fit": value, width: "100%", height: "100%" };
    for (const [property, set] of Object.entries(properties)) style.setProperty(property, set, "important");
  },
  /** Gives the player another source, by its own means. */
  async change(source) {
    await player.change(sources[source]);
    return true;
  },
  /** An advertisement as ad scripts show it: a second video over the player, which is paused meanwhile. */
  async advert() {
    media().pause();
    const advert = document.createElement("div");
    advert.className = "advert";
    advert.style.cssText = "position: absolute; inset: 0; z-index: 99; background: #000";
    const video = Object.assign(document.createElement("video"), { src: SOURCES.file.advert, muted: true, playsInline: true });
    video.style.cssText = "width: 100%; height: 100%";
    advert.append(video);
    const holder = container() === media() ? container().parentElement : container();
    if (getComputedStyle(holder).position === "static") holder.style.position = "relative";
    holder.append(advert);
    await video.play();
    video.currentTime = 5.5;
    await new Promise((done) => (video.onended = done));
    advert.remove();
    await media().play();
  },
  /** Nodes of Cuehook's that are on the page. */
  nodes: () => every('[class*="cuehook-"]').map(nameOf),
  /** Listeners and observers of Cuehook's since it was loaded. */
  listeners() {
    const left = ourListeners();
    for (const one of baseline ?? []) if (left.includes(one)) left.splice(left.indexOf(one), 1);
    // An element's listeners on itself go with it.
    return left.filter((text) => !text.startsWith("cue-hook cuehook:"));
  },
};
globalThis.players = api;

/** Whether a viewer can see and use it. */
function isShown(node) {
  const box = node.getBoundingClientRect();
  const { pointerEvents } = getComputedStyle(node);
  const isThere = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return isThere && box.width > 2 && box.height > 2 && pointerEvents !== "none" && !node.disabled;
}

function describeStage() {
  const stages = every(".cuehook-stage");
  return stages.map((node) => `${nameOf(node)}${node.hidden ? " hidden" : ""} in ${nameOf(node.parentNode)}`).join(", ") || "no stage";
}

if (!query.has("still")) api.start();
