/** The inspector's panels. Each function gives the nodes of one panel. */

import { clock, copyButton, duration, h, size } from "./dom.js";
import { jsonView } from "./json.js";
import { relayedBy } from "./relay.js";

const OWN_HEADERS = ["content-type", "webhook-id", "idempotency-key", "webhook-timestamp"];

const empty = (title, text) => [h("div", { class: "empty" }, h("b", null, title), h("p", null, text))];

const heading = (text, ...extra) => h("div", { class: "heading" }, h("h3", null, text), ...extra);

/** The exact request. */
export function requestPanel(exchange) {
  if (!exchange) {
    return empty("No request yet", "Play the film, and do what can be done in it. The request appears here as it is sent: address, headers and body.");
  }
  const url = new URL(exchange.url);
  const relayed = relayedBy(exchange.url);
  const address = `${url.origin === location.origin ? "" : url.host}${url.pathname}${url.search}`;
  return [
    relayed && heading("1. Browser to relay"),
    h("p", { class: "request-line", translate: "no" }, h("b", null, "POST"), ` ${address}`),
    exchange.retryOf && h("p", { class: "note" }, `The same bytes and the same webhook-id as request #${exchange.retryOf.number}: the receiver can tell that it is a repetition.`),
    ...typed(exchange.body),
    heading(relayed ? "Headers that the browser sends" : "Headers", copyButton("Copy as curl", () => curl(exchange, relayed))),
    headerList(sent(exchange, relayed), (name) => REMARKS[name] ?? (OWN_HEADERS.includes(name.toLowerCase()) ? null : "from the project")),
    ...(relayed ? onward(relayed) : []),
    seenByServer(exchange, relayed),
    heading(`Body, ${size(exchange.bytes)}`, copyButton("Copy", () => exchange.text)),
    jsonView(exchange.body, exchange.body.interactions.length > 3 ? ["interactions"] : []),
  ].filter(Boolean);
}

/** What the viewer typed, if this webhook is told: the newest submission. */
function typed({ interactions }) {
  const item = interactions.findLast(({ type }) => type === "submit");
  if (!item) return [];
  const title = item.records === "lead" ? "A lead has arrived" : "What was filled in";
  if (!item.value) {
    return [heading("A form was submitted"), h("p", { class: "note" },
      `This webhook hears that, and no more: what was typed goes only to webhooks that name \u201c${item.element}\u201d in includeInteractions.`)];
  }
  const fields = Object.entries(item.value).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, String(value ?? "–"))));
  return [heading(title), h("dl", { class: "lead-card" }, ...fields)];
}

const REMARKS = { authorization: "a token of this page, for five minutes" };

/** What the browser sends; to a relay a token, too, which is no event\u2019s business. */
const sent = (exchange, relayed) =>
  [...Object.entries(exchange.headers), ...(relayed ? [["authorization", "Bearer \u2026"]] : [])];

/** What the relay makes of a request: where it goes, and what is added. Of secrets only the names are known here. */
function onward({ url, headers, secret }) {
  const row = (name, value, remark) => h("div", null, h("dt", null, name), h("dd", null, value, h("small", null, remark)));
  return [
    heading("2. Relay to webhook"),
    h("div", { class: "relayed", translate: "no" },
      h("p", { class: "request-line" }, h("b", null, "POST"), ` ${url}`),
      h("dl", { class: "added" },
        ...Object.entries(headers).map(([name, value]) => row(name, value, "added by the relay")),
        ...secret.map((name) => row(name, h("span", { class: "hidden-value", role: "img", "aria-label": "hidden" }, "\u2022".repeat(8)), "secret, added by the relay")))),
    h("p", { class: "note" }, "The same body, the same webhook-id. This page knows the header\u2019s name; its value never reaches a browser."),
  ];
}

const has = (headers, name) => Object.keys(headers).some((other) => other.toLowerCase() === name.toLowerCase());

/** What the browser added, asked of the server's log when somebody wants to know; or all that the relay has sent. */
function seenByServer(exchange, relayed) {
  const title = relayed ? "What arrived at the webhook, as its server saw it" : "What the browser added, as the server saw it";
  const more = h("details", { class: "more" }, h("summary", null, title));
  more.addEventListener("toggle", async () => {
    let nodes;
    try {
      const log = await (await fetch("/webhook-log")).json();
      const entry = log.findLast(({ method, headers }) => method === "POST" && headers["webhook-id"] === exchange.headers["webhook-id"]);
      const added = Object.entries(entry.headers).filter(([name]) => relayed || !has(exchange.headers, name));
      nodes = headerList(added, (name) => (relayed && [...Object.keys(relayed.headers), ...relayed.secret].some((other) => other.toLowerCase() === name) ? "added by the relay" : null));
    } catch {
      nodes = h("p", { class: "note" }, "The server does not know this request any more.");
    }
    more.append(nodes);
  }, { once: true });
  return more;
}

function headerList(entries, note) {
  return h("dl", { class: "headers", translate: "no" }, ...entries.flatMap(([name, value]) => {
    const remark = note(name);
    return [h("dt", null, name), h("dd", null, String(value), remark && h("small", null, remark))];
  }));
}

function curl(exchange, relayed) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const headers = Object.entries(exchange.headers).map(([name, value]) => `  -H ${quote(`${name}: ${value}`)} \\\n`);
  // A token is for pages of one origin; whoever may see this page may have one.
  const token = `$(curl -s ${location.origin}/relay.json | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`;
  if (relayed) headers.push(`  -H ${quote(`origin: ${location.origin}`)} \\\n  -H "authorization: Bearer ${token}" \\\n`);
  return `curl ${quote(exchange.url)} \\\n${headers.join("")}  --data-raw ${quote(exchange.text)}`;
}

/** What came back, and where it went. */
export function answerPanel(exchange, project) {
  if (!exchange) return empty("No answer yet", "What the webhook answers appears here, and which of its fields the overlays show.");
  if (exchange.state === "running" && !exchange.answeredAt) {
    return empty("Waiting for the answer…", exchange.held ? "The film stands still: this webhook has waitForResponse." : "The film goes on: this webhook does not wait.");
  }
  const status = h("p", { class: "status", "data-state": exchange.error ? "failed" : "ok" },
    h("b", null, exchange.status ?? exchange.error?.code ?? ""),
    h("span", null, [
      exchange.durationMs !== undefined && duration(exchange.durationMs),
      exchange.attempts > 1 ? `${exchange.attempts} attempts` : exchange.attempts === 1 && "1 attempt",
      exchange.resumed && `film: ${exchange.resumed}`,
    ].filter(Boolean).join(" · ")));
  if (exchange.error) {
    return [
      status,
      h("p", { class: "failure" }, h("code", null, exchange.error.code), ` ${exchange.error.message}`),
      h("p", { class: "note" }, exchange.error.code === "aborted"
        ? "Nothing was shown, and the actions after the call did not run."
        : "The viewer was told and may try again. The actions after the call did not run, and nothing of this answer can reach an overlay."),
    ];
  }
  if (!exchange.data) return [status, h("p", { class: "note" }, "No content: nothing changes.")];
  const used = usedFields(exchange, project);
  return [
    status,
    used.length > 0 && heading("Shown in the film"),
    used.length > 0 && h("ul", { class: "used" }, ...used.map(({ placeholder, value, element }) =>
      h("li", null, h("mark", null, placeholder), h("span", { "aria-hidden": "true" }, "→"), h("b", null, value), h("small", null, `in ${element}`)))),
    heading("Body", copyButton("Copy", () => JSON.stringify(exchange.data, null, 2))),
    jsonView(exchange.data),
  ].filter(Boolean);
}

/** The placeholders of the overlays that this answer brought, with their values. */
function usedFields(exchange, project) {
  const elements = exchange.shown.map(({ element }) => project?.elements.find(({ id }) => id === element)).filter(Boolean);
  return elements.flatMap(({ id, source }) => [...(source ?? "").matchAll(/\$\{([^}!]*)[^}]*\}/g)].map(([placeholder, path]) => {
    const value = path.trim().split(".").reduce((inner, key) => inner?.[key], exchange.data);
    return value === undefined ? null : { placeholder, value: String(value), element: id };
  })).filter(Boolean);
}

const KINDS = {
  activate: "click", request: "request", response: "answer", settled: "answer", error: "bad", show: "overlay",
  hide: "overlay", pause: "film", resume: "film", variablechange: "quiet", callback: "click", delivery: "request", ready: "quiet", destroy: "quiet",
};

function gist(name, detail) {
  switch (name) {
    case "ready": return `${detail.elements.length} elements, ${detail.webhooks.length} webhooks`;
    case "activate": case "show": case "hide": return detail.element;
    case "request": return detail.webhook;
    case "response": return `${detail.webhook} · ${detail.status}`;
    case "error": return detail.code;
    case "settled": return `${detail.webhook} · ${detail.outcome} · ${duration(detail.durationMs)}`;
    case "pause": return detail.element ? `for ${detail.element}` : "for the answer";
    case "resume": return detail.reason;
    case "delivery": return `${detail.webhook} · ${detail.state}`;
    case "variablechange": case "callback": return detail.name;
    default: return "";
  }
}

/** The list of events, newest first. Keeps what is there, so that an opened entry stays open. */
export function eventsPanel(panel, events) {
  if (events.length === 0) {
    panel.replaceChildren(...empty("No events yet", "Cuehook dispatches cuehook:* events on its element. Each one is listed here with its detail."));
    return;
  }
  let list = panel.querySelector(".events");
  if (!list) {
    list = h("ol", { class: "events" });
    panel.replaceChildren(list);
  }
  const known = Number(list.firstElementChild?.dataset.number ?? 0);
  if (known > events[0].number) list.replaceChildren();
  const fresh = events.filter(({ number }) => number > Number(list.firstElementChild?.dataset.number ?? 0));
  list.prepend(...fresh.map(eventEntry));
  while (list.children.length > events.length) list.lastElementChild.remove();
}

function eventEntry({ number, name, detail }) {
  const entry = h("details", { class: "event" },
    h("summary", null,
      h("time", null, clock(detail.mediaTime)),
      h("span", { class: "event-name" }, h("i", { class: KINDS[name], "aria-hidden": "true" }), name),
      h("span", { class: "gist" }, gist(name, detail))));
  entry.addEventListener("toggle", () => {
    if (entry.open && entry.children.length === 1) entry.append(jsonView(readable(detail), ["data", "value", "previous"]));
  }, { once: true });
  return h("li", { "data-number": number }, entry);
}

/** The body of a request is JSON text: shown as what it says. */
const readable = (detail) => (typeof detail.body === "string" ? { ...detail, body: `${detail.body.slice(0, 60)}…` } : detail);

/** What the viewer did, as it is sent with calls. */
export function logPanel(interactions) {
  if (interactions.length === 0) {
    return empty("Nothing done yet", "Each click is recorded here once. Calls carry the log along, so that the webhook knows what came before.");
  }
  return [
    heading("Interactions of this session", copyButton("Copy", () => JSON.stringify(interactions, null, 2))),
    h("table", { class: "log" },
      h("thead", null, h("tr", null, ...["#", "Film", "What", "Label"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", null, ...interactions.toReversed().map((item) =>
        h("tr", null,
          h("td", null, String(item.seq)),
          h("td", null, clock(item.mediaTime)),
          h("td", null, `${item.type} `, h("code", null, item.element ?? "page")),
          h("td", null, item.label ?? ""))))),
    heading("The newest, as it is sent"),
    jsonView(interactions.at(-1)),
  ];
}

/** The parts of the project that ran. */
export function projectPanel(project, exchange, click, address) {
  if (!project) return empty("One moment…", "The project is being loaded.");
  const isNewer = click && (!exchange || click.at > (exchange.click?.at ?? exchange.at));
  const id = isNewer ? click.element : exchange?.body.trigger.element;
  const element = project.elements.find((item) => item.id === id);
  const whole = h("a", { href: address, target: "_blank", rel: "noopener" }, "Whole document");
  if (!element) {
    return [heading(address.split("/").at(-1), whole), h("p", { class: "note" }, "Do something in the film, and only the part of the project that ran is shown here."), jsonView(project, ["elements", "words"])];
  }
  const own = isNewer ? null : exchange;
  const lists = listsOf(element, own?.body.trigger.event, (own ? own.click : click)?.action);
  const inner = lists.flatMap(([, actions]) => flat(actions));
  const webhooks = project.webhooks.filter(({ id }) => inner.some(({ webhook }) => webhook === id));
  const shown = project.elements.filter(({ id }) => inner.some((action) => action.do === "show" && action.element === id));
  return [
    heading("What was set off", whole),
    ...lists.flatMap(([name, actions]) => [lists.length > 1 && h("p", { class: "note" }, h("code", null, name)), chainList(actions, project, own)]),
    lists.length === 0 && h("p", { class: "note" }, "Nothing: it has no actions."),
    heading(`The element: ${element.id}`), jsonView(element),
    ...webhooks.flatMap((item) => [heading(`The webhook: ${item.id}`), jsonView(item)]),
    ...shown.flatMap((item) => [heading(`The overlay: ${item.id}`), jsonView(item)]),
  ].filter(Boolean);
}

const TRIGGERS = ["onClick", "onSubmit", "onAnswer", "onCorrect", "onWrong", "onTrue", "onFalse"];

/** The lists of actions that may have run, each with its name: that of a button, that of a trigger, or all that viewers set off. */
function listsOf(element, event, action) {
  if (action) return [[`actions.${action}`, element.actions[action]]];
  const field = event && `on${event[0].toUpperCase()}${event.slice(1)}`;
  return (element[field] ? [field] : TRIGGERS).filter((name) => element[name]).map((name) => [name, element[name]]);
}

/** All actions, with those inside others. */
const flat = (actions) => actions.flatMap((action) => [action, ...flat([...(action.then ?? []), ...(action.else ?? [])])]);

/** The actions of a click and how far they came: those after a call that waits run only when its answer is good. */
function chainList(actions, project, exchange) {
  let state = "ran";
  return h("ol", { class: "chain" }, ...actions.map((action) => {
    const { do: name, ...rest } = action;
    const what = Object.entries(rest).filter(([, value]) => typeof value !== "object").map(([, value]) => String(value)).join(" ");
    let own = state;
    if (name === "executeWebhook" && exchange) {
      own = { running: "running", ok: "answered", failed: "failed" }[exchange.state];
      const webhook = project.webhooks.find((item) => item.id === action.webhook);
      if (webhook?.waitForResponse) state = { running: "waits", ok: "ran", failed: "did not run" }[exchange.state];
    }
    return h("li", { "data-state": own }, h("code", null, name), h("span", null, what), h("small", null, own));
  }));
}
