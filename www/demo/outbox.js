/** The inspector's panel of events that webhooks are sent: what waits in this browser, and what the receiver holds. */

import { h } from "./dom.js";
import { heldAt, setDown, setOffline } from "./network.js";

/** So many events are listed. */
const MOST_LISTED = 40;
/** How often the receiver is asked while somebody looks, in milliseconds. */
const EVERY = 1000;

const STATES = {
  recorded: "in this browser", retrying: "tried again", paused: "refused for now", delivered: "delivered", held: "delivered",
  dead: "given up", lost: "lost",
};
const STORAGE = { durable: "on this device’s disk", volatile: "in this page’s memory only", none: "" };

/** Wires the panel. `source` gives the outbox, and the address of the webhook that is sent events, if there is one. */
export function outboxPanel(panel, deliveries, source) {
  const facts = h("dl", { class: "facts", id: "outbox-facts" });
  const list = h("tbody", { id: "outbox-events" });
  const told = h("p", { class: "note", role: "status" });
  const button = (id, text, press) => h("button", { type: "button", class: "plain", id, onclick: press }, text);
  const whole = h("div", { class: "outbox" },
    h("div", { class: "switches" },
      switchOf("offline", "No network", (on) => setOffline(on)),
      switchOf("down", "Receiver crashed", (on) => setDown(on))),
    facts,
    h("div", { class: "switches" },
      button("flush", "Send what waits", () => source.outbox()?.flush()),
      button("purge", "Delete what waits", () => source.outbox()?.purge())),
    told,
    h("table", { class: "log" },
      h("thead", null, h("tr", null, ...["#", "Event", "Where it is"].map((text) => h("th", { scope: "col" }, text)))),
      list));
  const none = h("div", { class: "empty" }, h("b", null, "This story sends no events"),
    h("p", null, "A webhook with ", h("code", null, "events"), " is told what viewers do, without a click on anything. The story “Events” has one."));

  let held = null;
  let asked = 0;
  const ask = async () => {
    const address = source.receiver();
    if (!address || performance.now() - asked < EVERY / 2) return;
    asked = performance.now();
    try {
      held = await heldAt(address);
    } catch {
      held = null;
    }
    paint();
  };

  const paint = () => {
    const address = source.receiver();
    panel.replaceChildren(address ? whole : none);
    if (!address) return;
    const state = source.outbox()?.state;
    const rows = merged(deliveries, held?.events ?? []);
    facts.replaceChildren(
      ...fact("Waiting here", state ? String(state.waiting) : "–", STORAGE[state?.storage]),
      ...fact("At the receiver", held ? String(held.held) : "–", completeness(held?.events ?? [])),
      ...fact("Oldest that waits", state?.oldestMs ? roughly(state.oldestMs) : "–", nextOf(state)));
    told.textContent = rows.length === 0 ? "Play the film, and click in it. Each event is listed here." : "";
    list.replaceChildren(...rows.slice(0, MOST_LISTED).map(({ seq, type, state: where, id }) =>
      h("tr", { "data-state": where, title: id },
        h("td", null, seq ? String(seq) : ""),
        h("td", null, h("code", null, type ?? "event")),
        h("td", null, h("span", { class: "where" }, STATES[where] ?? where)))));
  };
  setInterval(() => panel.checkVisibility() && ask(), EVERY);
  return { paint, ask };
}

function switchOf(id, text, change) {
  const input = h("input", { type: "checkbox", role: "switch", id });
  input.addEventListener("change", () => change(input.checked));
  return h("label", { for: id }, input, text);
}

const fact = (name, value, more) => [h("dt", null, name), h("dd", null, h("b", null, value), more && h("small", null, more))];

function nextOf(state) {
  const next = state?.webhooks?.map(({ nextMs }) => nextMs).filter((ms) => ms > 0).sort((one, other) => one - other)[0];
  return next ? `tried again in ${roughly(next)}` : "";
}

const roughly = (ms) => (ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`);

/** All events of which somebody knows, newest first. */
function merged(deliveries, held) {
  const all = new Map();
  for (const [id, delivery] of deliveries) all.set(id, { id, ...delivery });
  for (const { id, type, seq } of held) all.set(id, { ...all.get(id), id, type, seq, state: "held" });
  // Ids are UUIDs of version 7: they sort by time.
  return [...all.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
}

/** What the numbers of the newest session prove: as docs/events.md says. */
function completeness(events) {
  const session = events.at(-1)?.session;
  const numbers = events.filter((event) => event.session === session && event.seq).map(({ seq }) => seq);
  if (numbers.length === 0) return "";
  const last = Math.max(...numbers);
  const missing = last - new Set(numbers).size;
  return missing === 0 ? `1 to ${last}, none missing` : `${missing} of 1 to ${last} missing so far`;
}
