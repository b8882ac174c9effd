/** The demo page: a film, stories over it, and an inspector that shows what passes between film and webhook. */

import { startChooser } from "./chooser.js";
import { byId, copyButton, duration, h } from "./dom.js";
import { startFilm } from "./film.js";
import { startInspector } from "./inspector.js";
import { paintCode } from "./json.js";
import { Recorder } from "./record.js";
import { findRelay, relayToken, throughRelay } from "./relay.js";
import { MODES, projectFor } from "./server.js";
import { storyOfPage } from "./stories.js";

const cue = byId("cue");
const video = byId("video");
const recorder = new Recorder(cue);
let story = storyOfPage();
let original = null;
let current = null;
let mode = MODES[0];

// Cuehook may run before relay and project are known: it gets the project once it is clear which way its webhooks are called.
cue.project = null;
const relay = await findRelay();
if (relay) {
  cue.setAttribute("relay", relay);
  cue.relayToken = relayToken;
}

const film = startFilm(cue, video, () => current);
const inspector = startInspector(recorder, {
  project: () => current,
  address: () => story.address,
  interactions: () => cue.handle?.interactions ?? [],
  outbox: () => cue.handle?.outbox,
  receiver: () => current?.webhooks.find(({ events }) => events)?.url ?? null,
});

for (const pre of document.querySelectorAll("pre[data-code]")) {
  const text = paintCode(pre);
  pre.tabIndex = 0;
  pre.before(copyButton("Copy", () => text));
}

// What the story's steps show.
const done = (event, id) => {
  if (story.steps.some((step) => step.element === id && step.done === event)) film.done(id);
};
cue.addEventListener("cuehook:activate", ({ detail }) => done("activate", detail.element));
cue.addEventListener("cuehook:settled", ({ detail }) => {
  const exchange = recorder.exchanges.findLast((item) => item.requestId === detail.requestId);
  if (!exchange) return;
  if (detail.outcome === "ok") done("settled", exchange.body.trigger.element);
  const name = original?.webhooks.find(({ id }) => id === detail.webhook)?.name ?? detail.webhook;
  const took = duration(detail.durationMs);
  film.tell(detail.outcome === "ok" ? `“${name}” answered in ${took}.` : `“${name}” failed after ${took}: ${detail.outcome}.`);
});
// The page's reply is shown in the picture, where the viewer looks, in full screen, too.
cue.addEventListener("cuehook:callback", ({ detail }) => {
  cue.handle?.variables.set("reply", `Heard: ${detail.value}`);
  byId("heard").replaceChildren("The page heard ", h("code", null, detail.name), " with ", h("code", null, String(detail.value)), ".");
});
cue.addEventListener("cuehook:error", ({ detail }) => {
  if (detail.code === "wasm-load" || detail.code === "csp" || detail.code === "config-invalid") {
    byId("heard").replaceChildren(`Cuehook could not start (${detail.code}): ${detail.message}`);
  }
});

// Who is watching: a variable, set by the page and sent with each call; and what the page says of viewers in events.
const viewer = byId("viewer");
const setViewer = () => {
  const name = viewer.value.trim();
  cue.handle?.variables.set("viewerName", name || "guest");
  cue.viewer = name ? { name } : undefined;
};
viewer.addEventListener("change", setViewer);
byId("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  setViewer();
});

// Which way requests go: this page may know no secret, and its relay does.
const way = byId("way");
byId("way-label").hidden = !relay;
const WAYS = {
  relay: "Through the relay: it knows the webhook\u2019s address, and adds a secret key that this page never sees.",
  direct: "Directly: what the project says is sent by this browser, and everybody can read it.",
};
/** The project as it is called now. */
const projectNow = () =>
  relay && way.value === "relay" ? throughRelay(original, story.address, mode) : projectFor(original, mode);

// How the webhook behaves.
const select = byId("mode");
select.append(...MODES.map(({ id, name }) => h("option", { value: id }, name)));
const sayCircumstances = () => {
  byId("mode-says").textContent = mode.says;
  byId("way-says").textContent = relay ? WAYS[way.value] : "";
};
const applyMode = async () => {
  mode = MODES.find(({ id }) => id === select.value) ?? MODES[0];
  sayCircumstances();
  select.toggleAttribute("data-bad", mode.id !== "well");
  if (!original) return;
  current = projectNow();
  video.playbackRate = 1;
  await customElements.whenDefined("cue-hook");
  await (await cue.ready).update(current);
  inspector.refresh();
};
select.addEventListener("change", applyMode);
way.addEventListener("change", applyMode);

// The element leaves the page and comes back, which ends one instance and starts another. The session is that of the tab.
async function startAnew() {
  film.rewind();
  cue.remove();
  recorder.clear();
  film.tellStory(story);
  byId("heard").replaceChildren();
  if (!(await readProject())) return;
  giveProject();
  byId("screen").prepend(cue);
  await cue.ready;
  setViewer();
}
byId("fresh").addEventListener("click", startAnew);

/** Gives the project to the element. `src` says where it comes from. */
function giveProject() {
  cue.project = current;
  cue.setAttribute("src", story.address);
}

/** Reads the project; returns whether the viewer still wants this story. */
async function readProject() {
  const asked = story;
  const response = await fetch(asked.address);
  const project = await response.json();
  if (asked !== story) return false;
  original = project;
  current = projectNow();
  film.mark(current);
  inspector.refresh();
  const policy = response.headers.get("content-security-policy");
  if (policy) byId("policy").textContent = policy;
  return true;
}

startChooser((chosen) => {
  story = chosen;
  original = null;
  current = null;
  startAnew();
});
select.value = mode.id;
way.value = "relay";
viewer.value = "";
sayCircumstances();
film.tellStory(story);
if (await readProject()) giveProject();
