/** The demo page: a film, its story, and an inspector that shows what passes between film and webhook. */

import { byId, copyButton, duration, h } from "./dom.js";
import { startFilm } from "./film.js";
import { startInspector } from "./inspector.js";
import { paintCode } from "./json.js";
import { Recorder } from "./record.js";
import { MODES, projectFor } from "./server.js";

const cue = byId("cue");
const video = byId("video");
const recorder = new Recorder(cue);
let original = null;
let current = null;
let mode = MODES[0];

const film = startFilm(cue, video, () => current);
const inspector = startInspector(recorder, { project: () => current, interactions: () => cue.handle?.interactions ?? [] });

for (const pre of document.querySelectorAll("pre[data-code]")) {
  const text = paintCode(pre);
  pre.tabIndex = 0;
  pre.before(copyButton("Copy", () => text));
}

// What the story's steps show.
cue.addEventListener("cuehook:settled", ({ detail }) => {
  const exchange = recorder.exchanges.findLast((item) => item.requestId === detail.requestId);
  if (!exchange) return;
  if (detail.outcome === "ok") film.done(exchange.body.trigger.element);
  const name = original?.webhooks.find(({ id }) => id === detail.webhook)?.name ?? detail.webhook;
  const took = duration(detail.durationMs);
  film.tell(detail.outcome === "ok" ? `“${name}” answered in ${took}.` : `“${name}” failed after ${took}: ${detail.outcome}.`);
});
cue.addEventListener("cuehook:callback", ({ detail }) => {
  film.done("mug");
  byId("heard").replaceChildren("The page heard ", h("code", null, detail.name), " with ", h("code", null, String(detail.value)), ".");
});
cue.addEventListener("cuehook:error", ({ detail }) => {
  if (detail.code === "wasm-load" || detail.code === "csp" || detail.code === "config-invalid") {
    byId("heard").replaceChildren(`Cuehook could not start (${detail.code}): ${detail.message}`);
  }
});

// Who is watching: a variable, set by the page, sent with each call.
const viewer = byId("viewer");
const setViewer = () => cue.handle?.variables.set("viewerName", viewer.value.trim() || "guest");
viewer.addEventListener("change", setViewer);
byId("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  setViewer();
});

// How the webhook behaves.
const select = byId("mode");
select.append(...MODES.map(({ id, name }) => h("option", { value: id }, name)));
const applyMode = async () => {
  mode = MODES.find(({ id }) => id === select.value) ?? MODES[0];
  byId("mode-says").textContent = mode.says;
  select.toggleAttribute("data-bad", mode.id !== "well");
  if (!original) return;
  current = projectFor(original, mode);
  video.playbackRate = 1;
  await (await cue.ready).update(current);
  inspector.refresh();
};
select.addEventListener("change", applyMode);

// A new session: the element leaves the page and comes back, which ends one instance and starts another.
byId("fresh").addEventListener("click", async () => {
  const [parent, next] = [cue.parentNode, cue.nextSibling];
  film.rewind();
  cue.remove();
  await Promise.resolve();
  parent.insertBefore(cue, next);
  recorder.clear();
  film.done(null);
  byId("heard").replaceChildren();
  await cue.ready;
  setViewer();
  if (mode.query) await applyMode();
});

async function start() {
  byId("mode-says").textContent = mode.says;
  select.value = mode.id;
  viewer.value = "";
  const response = await fetch("/lake.json");
  original = await response.json();
  current = projectFor(original, mode);
  film.mark(current);
  inspector.refresh();
  const policy = response.headers.get("content-security-policy");
  if (policy) byId("policy").textContent = policy;
}

start();
