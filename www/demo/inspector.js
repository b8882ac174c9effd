/** The inspector beside the film: which exchange is looked at, its way, its timing, and the tabs. */

import { byId, duration, h, size } from "./dom.js";
import { answerPanel, eventsPanel, logPanel, projectPanel, requestPanel } from "./panels.js";
import { startTabs } from "./tabs.js";

/** Wires the inspector; `source` gives the project in use and the interaction log. */
export function startInspector(recorder, source) {
  const pick = byId("pick");
  const panel = (name) => byId(`panel-${name}`);
  let pinned = null;
  let dirty = new Set();
  let waiting = false;
  const chosen = () => pinned ?? recorder.exchanges.at(-1) ?? null;

  const painters = {
    request: () => panel("request").replaceChildren(...requestPanel(chosen())),
    answer: () => panel("answer").replaceChildren(...answerPanel(chosen(), source.project())),
    events: () => eventsPanel(panel("events"), recorder.events),
    log: () => panel("log").replaceChildren(...logPanel(source.interactions())),
    project: () => panel("project").replaceChildren(...projectPanel(source.project(), chosen(), recorder.click)),
  };
  const paint = () => {
    waiting = false;
    paintPath(recorder, chosen());
    paintPick();
    byId("event-count").textContent = recorder.events.length || "";
    byId("log-count").textContent = source.interactions().length || "";
    // Only what is in sight is painted; the rest when its tab is opened.
    const open = tabs.selected();
    if (dirty.delete(open)) painters[open]();
  };
  const later = (...names) => {
    for (const name of names) dirty.add(name);
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(paint);
    }
  };
  const all = () => later(...Object.keys(painters));
  const tabs = startTabs(byId("tabs"), all);

  const paintPick = () => {
    pick.hidden = recorder.exchanges.length < 2;
    const label = (exchange) => `#${exchange.number}  ${exchange.webhook}  ${outcome(exchange)}`;
    const options = recorder.exchanges.toReversed().map((exchange) =>
      h("option", { value: exchange.number, selected: exchange === chosen() }, label(exchange)));
    if (document.activeElement !== pick || pick.options.length !== options.length) pick.replaceChildren(...options);
  };
  pick.addEventListener("change", () => {
    const found = recorder.exchanges.find((exchange) => exchange.number === Number(pick.value)) ?? null;
    pinned = found === recorder.exchanges.at(-1) ? null : found;
    all();
  });

  recorder.addEventListener("change", ({ detail: name }) => {
    if (name === "request" || name === null) pinned = null;
    if (name === "show" || name === "hide" || name === "variablechange") later("events");
    else all();
  });
  all();
  return { refresh: all };
}

/** What came of it, in a word. */
function outcome(exchange) {
  if (exchange.state === "running") return "…";
  return exchange.state === "ok" ? String(exchange.status) : exchange.status ?? exchange.outcome;
}

/** Click, request, answer, overlay: how far it has come. */
function paintPath(recorder, exchange) {
  const click = exchange ? exchange.click : recorder.click;
  const retry = exchange?.retryOf && !exchange.click;
  const state = exchange?.state;
  const shown = exchange?.shown.map(({ element }) => element).join(", ");
  const stations = [
    ["click", retry ? "Try again" : "Click", exchange?.body.trigger.element ?? click?.element, Boolean(click || exchange)],
    ["request", "Request", exchange && `POST ${size(exchange.bytes)}`, Boolean(exchange)],
    ["answer", "Answer", exchange && answerWord(exchange), Boolean(exchange) && (state === "running" ? "now" : state)],
    ["overlay", "Overlay", exchange && (shown || (state === "running" ? "" : "none")), Boolean(shown)],
  ];
  byId("path").replaceChildren(...stations.map(([kind, title, text, reached]) =>
    h("li", { class: kind, "data-reached": reached === true ? "ok" : reached || "no" },
      h("b", null, title), h("span", null, text || "–"))));
  paintTiming(exchange);
}

function answerWord(exchange) {
  if (exchange.state === "running") return "waiting…";
  if (exchange.state === "ok") return `${exchange.status} · ${duration(exchange.durationMs)}`;
  return exchange.status ? `${exchange.status} ${exchange.outcome}` : exchange.outcome;
}

function paintTiming(exchange) {
  const timing = byId("timing");
  timing.hidden = !exchange?.settledAt;
  if (timing.hidden) return;
  const started = exchange.click?.at ?? exchange.at;
  const answered = exchange.answeredAt ?? exchange.settledAt;
  const ended = exchange.shown[0]?.at ?? exchange.settledAt;
  const parts = [
    ["before", "until sent", exchange.at - started],
    ["network", exchange.attempts > 1 ? `webhook, ${exchange.attempts} attempts` : "webhook", answered - exchange.at],
    ["after", exchange.state === "ok" ? "until shown" : "until told", Math.max(0, ended - answered)],
  ];
  const bar = h("div", { class: "timing-bar", "aria-hidden": "true" }, ...parts.map(([kind, , milliseconds]) => {
    const part = h("span", { class: kind });
    part.style.flexGrow = String(Math.max(milliseconds, 0.01));
    return part;
  }));
  const words = h("p", null, ...parts.map(([kind, name, milliseconds]) =>
    h("span", { class: kind }, `${name} `, h("b", null, duration(milliseconds)))));
  timing.replaceChildren(bar, words);
}
