// From a click to the painted answer.

import { markup } from "./markup.js";
import { median, pause, quantile, spread, table, time, times } from "./numbers.js";
import { Plain } from "./plain.js";

const box = (left, top, width, height) => ({ left, top, width, height });

/** A frame, in milliseconds. */
const FRAME = 1_000 / 60;

/** Multiples of it, without their whole part, fill [0, 1) evenly however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** A second click on the same area within so many milliseconds is a double click, and counts for nothing. */
const DOUBLE_CLICK = 500;

const PROJECT = {
  cuehook: 1,
  video: { id: "bench", title: "Bench" },
  variables: { viewerName: "guest" },
  webhooks: [{ id: "discount", name: "Discount code", url: "/bench/answer", waitForResponse: true }],
  elements: [
    {
      id: "get-code",
      kind: "area",
      label: "Get my code",
      box: box(25, 25, 50, 50),
      onClick: [
        { do: "executeWebhook", webhook: "discount", params: { sku: "A-17" } },
        { do: "show", element: "code" },
      ],
    },
    { id: "hide-code", kind: "area", label: "Hide my code", box: box(0, 0, 20, 20), onClick: [{ do: "hide", element: "code" }] },
    {
      id: "code",
      kind: "html",
      visible: false,
      box: box(0, 60, 100, 40),
      source: '<p>DiscountCode: <b>${discountCode! -}</b></p><p>Hello ${user.firstName}</p><img src="${imageUrl}" alt="">',
    },
  ],
};

/** Cuehook, with the same face as the peer. */
class Ours {
  constructor(host, handle) {
    this.handle = handle;
    this.video = host.querySelector("video");
    this.button = host.querySelector("[data-cuehook-element=get-code]");
    this.hide = host.querySelector("[data-cuehook-element=hide-code]");
    this.overlay = host.querySelector("[data-cuehook-element=code]");
  }

  forget() {
    const { variables } = this.handle;
    const empty = { discountCode: "", user: { firstName: "" }, score: 0, imageUrl: "" };
    for (const [name, value] of Object.entries(empty)) variables.set(name, value);
  }
}

export async function measureClicks({ warmUp, clicks }) {
  const host = document.querySelector("#cuehook");
  const block = document.createElement("script");
  block.type = "application/json";
  block.textContent = JSON.stringify(PROJECT);
  host.append(block);
  const ours = new Ours(host, await host.ready);
  await loaded(ours.video);

  // The peer gets a copy of our own nodes: same places, same styles, same overlay. Only what is in it, it makes itself.
  const stage = host.querySelector(".cuehook-stage").cloneNode(true);
  const plainHost = document.querySelector("#plain");
  plainHost.append(stage);
  const plain = new Plain(plainHost.querySelector("video"), stage);
  plain.overlay.textContent = "";
  await loaded(plain.video);

  await compare(ours, plain);
  const [a, b] = [[], []];
  for (let round = 0; round < warmUp + clicks; round += 1) {
    const pair = [[ours, a], [plain, b]];
    if (round % 2 === 1) pair.reverse();
    // Clicks come at any moment of a frame, which decides when the next one is painted. So they are spread evenly over a
    // frame, and both sides get the same moment: otherwise chance would outweigh what is measured.
    const moment = ((round * GOLDEN) % 1) * FRAME;
    for (const [side, samples] of pair) {
      const result = await once(side, moment);
      if (round >= warmUp) samples.push(result);
    }
  }
  for (const { video } of [ours, plain]) video.pause();
  return summary(a, b, ours);
}

function summary(a, b, ours) {
  const rows = [["", "Cuehook", "plain JS", "ratio", "difference"]];
  const add = (name, of) => {
    const [x, y] = [a.map(of), b.map(of)];
    rows.push([name, spread(x), spread(y), times(median(x) / median(y)), time(median(x) - median(y))]);
  };
  add("painted, without server", ({ painted, server }) => painted - server);
  add("DOM changed, without server", ({ changed, server }) => changed - server);
  add("script alone (DOM changed, without network)", ({ changed, network }) => changed - network);
  add("click() returns", ({ returned }) => returned);
  add("network", ({ network }) => network);
  add("server", ({ server }) => server);
  const frames = (median(a.map(({ painted }) => painted)) - median(b.map(({ painted }) => painted))) / FRAME;
  const worst = (quantile(a.map(({ painted }) => painted), 0.9) - quantile(b.map(({ painted }) => painted), 0.9)) / FRAME;
  return [
    `CLICK TO OVERLAY PAINTED: ${a.length} clicks each, in turn, while the film plays; ${ours.handle.interactions.length} interactions in the log at the end`,
    table(rows),
    `Painted later than plain JS by ${frames.toFixed(2)} frames of 1/60 s at the median, ${worst.toFixed(2)} at the 90th percentile.`,
  ].join("\n");
}

/** One click, so many milliseconds after a frame, from a film that plays and an overlay that is hidden. */
async function once(side, moment = 0) {
  await prepare(side);
  performance.clearResourceTimings();
  await pause(Math.max(30, (side.clicked ?? -DOUBLE_CLICK) + DOUBLE_CLICK - performance.now()));
  await frame(moment);
  const changes = changed(side.overlay);
  const begun = performance.now();
  side.clicked = begun;
  side.button.click();
  const returned = performance.now();
  const change = await changes;
  const painted = await paint();
  const entry = await timing();
  return {
    returned: returned - begun,
    changed: change - begun,
    painted: painted - begun,
    network: entry.responseEnd - entry.startTime,
    server: entry.serverTiming[0].duration,
  };
}

/** So many milliseconds after the next frame has begun, to the exactness of the clock. */
async function frame(moment) {
  const due = (await new Promise(requestAnimationFrame)) + moment;
  if (due - performance.now() > 4) await pause(due - performance.now() - 4);
  while (performance.now() < due);
}

let last;

async function prepare(side) {
  side.forget();
  if (!side.overlay.hidden) side.hide.click();
  if (last && last !== side) last.video.pause();
  last = side;
  // The end of the loop would be a seek.
  if (side.video.currentTime > side.video.duration - 3) side.video.currentTime = 0;
  await side.video.play();
  await paint();
  if (!side.overlay.hidden || side.video.paused) throw new Error("the side is not as before a click");
}

/** When the overlay has been filled and shown, and the script that did so has ended. */
function changed(overlay) {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (overlay.hidden || !overlay.textContent.includes("LAKE-")) return;
      observer.disconnect();
      resolve(performance.now());
    });
    observer.observe(overlay, { attributes: true, childList: true, characterData: true, subtree: true });
  });
}

/** When the next frame has been painted: the first task after its animation frame callbacks. */
function paint() {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    requestAnimationFrame(() => channel.port2.postMessage(null));
  });
}

/** What the browser noted of the request. It does so shortly after the answer is in. */
async function timing() {
  for (let round = 0; round < 200; round += 1) {
    const [entry] = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/bench/answer"));
    if (entry) return entry;
    await pause(5);
  }
  throw new Error("the browser noted no request");
}

function loaded(video) {
  if (video.readyState >= 3) return Promise.resolve();
  return new Promise((resolve, reject) => {
    video.addEventListener("canplay", resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(`the film cannot be played: ${video.error?.message}`)), { once: true });
  });
}

/** Throws unless both sides send the same and show the same. */
async function compare(...sides) {
  const bodies = [];
  const pages = [];
  const { fetch } = globalThis;
  for (const side of sides) {
    // Ours sends a Request, which can be read only once.
    globalThis.fetch = async (...request) => {
      const copy = new Request(...request.map((part) => (part instanceof Request ? part.clone() : part)));
      bodies.push(masked(await copy.json()));
      return fetch(...request);
    };
    await once(side);
    pages.push(markup(side.overlay));
  }
  globalThis.fetch = fetch;
  for (const [what, [ours, plain]] of [["send", bodies], ["show", pages]]) {
    if (ours !== plain) throw new Error(`the sides ${what} different things:\n${ours}\n${plain}`);
  }
}

/** JSON with everything that differs from click to click left out. */
function masked(body) {
  const fleeting = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$|^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
  const isFleeting = (key, value) => ["currentTime", "mediaTime"].includes(key) || fleeting.test(value);
  return JSON.stringify(body, (key, value) => (isFleeting(key, value) ? typeof value : value));
}
