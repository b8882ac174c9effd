/** The inspector beside the film: which exchange is looked at, its way, its timing, and the tabs. */

import { byId, duration, h } from "./dom.js";
import { outboxPanel } from "./outbox.js";
import { answerPanel, eventsPanel, logPanel, projectPanel, requestPanel } from "./panels.js";
import { relayedBy } from "./relay.js";
import { startTabs } from "./tabs.js";

/** Wires the inspector; `source` gives the project in use and the interaction log. */
export function startInspector(recorder, source) {
  const pick = byId("pick");
  const panel = (name) => byId(`panel-${name}`);
  let pinned = null;
  let waiting = false;
  const chosen = () => pinned ?? recorder.exchanges.at(-1) ?? null;

  // For each panel what it shows, and how to show it. It is painted anew only if that has changed, so that reading,
  // selecting and opening in it are not disturbed.
  const painters = {
    request: {
      shows: () => [chosen()],
      paint: (node) => node.replaceChildren(...requestPanel(chosen())),
    },
    answer: {
      shows: () => [chosen(), chosen()?.state, chosen()?.answeredAt, chosen()?.resumed],
      paint: (node) => node.replaceChildren(...answerPanel(chosen(), source.project())),
    },
    events: {
      shows: () => [recorder.events[0]],
      paint: (node) => eventsPanel(node, recorder.events),
    },
    outbox: {
      shows: () => [recorder.events[0], source.project()],
      paint: () => {
        outbox.paint();
        outbox.ask();
      },
    },
    log: {
      shows: () => [source.interactions().at(-1)?.id],
      paint: (node) => node.replaceChildren(...logPanel(source.interactions())),
    },
    project: {
      shows: () => [source.project(), chosen(), chosen()?.state, recorder.click],
      paint: (node) => node.replaceChildren(...projectPanel(source.project(), chosen(), recorder.click, source.address())),
    },
  };
  const outbox = outboxPanel(panel("outbox"), recorder.deliveries, source);
  const shown = new Map();
  const paint = () => {
    waiting = false;
    paintPath(recorder, chosen());
    paintPick();
    byId("event-count").textContent = recorder.events.length || "";
    byId("outbox-count").textContent = source.outbox()?.state.waiting || "";
    byId("log-count").textContent = source.interactions().length || "";
    // Only what is in sight is painted; the rest when its tab is opened.
    const open = tabs.selected();
    const now = painters[open].shows();
    const before = shown.get(open);
    if (!before || now.some((value, index) => value !== before[index])) {
      shown.set(open, now);
      painters[open].paint(panel(open));
    }
  };
  const later = () => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(paint);
    }
  };
  const tabs = startTabs(byId("tabs"), later);

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
    later();
  });

  recorder.addEventListener("change", ({ detail: name }) => {
    if (name === "request" || name === null) pinned = null;
    later();
  });
  later();
  return { refresh: later };
}

/** What came of it, in a word. */
function outcome(exchange) {
  if (exchange.state === "running") return "…";
  return exchange.state === "ok" ? String(exchange.status) : exchange.status ?? exchange.outcome;
}

/** What viewers do, and what else sets off a call. */
const CAUSES = { submit: "Form", answer: "Choice", correct: "Choice", wrong: "Choice", true: "Condition", false: "Condition",
  appear: "Film", disappear: "Film", execute: "Page" };

/** Which trigger an event `activate` belongs to. */
const causeOf = (click) => (click?.values ? "submit" : click?.answers ? "answer" : "click");

/** Click, request, relay if there is one, answer, overlay: how far it has come. */
function paintPath(recorder, exchange) {
  const click = exchange ? exchange.click : recorder.click;
  const retry = exchange?.retryOf && !exchange.click;
  const state = exchange?.state;
  const shown = exchange?.shown.map(({ element }) => element).join(", ");
  const relayed = exchange && relayedBy(exchange.url);
  const stations = [
    ["click", retry ? "Try again" : CAUSES[exchange?.body.trigger.event ?? causeOf(click)] ?? "Click", exchange?.body.trigger.element ?? click?.element, Boolean(click || exchange)],
    ["request", "Request", exchange && `POST ${(exchange.bytes / 1000).toFixed(1)} kB`, Boolean(exchange)],
    ...(relayed ? [["relay", "Relay", "adds a secret", true]] : []),
    ["answer", "Answer", exchange && answerWord(exchange), Boolean(exchange) && (state === "running" ? "now" : state)],
    ["overlay", "Overlay", exchange && (shown || (state === "running" ? "" : "none")), Boolean(shown)],
  ];
  byId("path").dataset.count = stations.length;
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
