// Cuehook over a film, with a webhook that is sent all events: `?queue=x`. `receiver` is another origin, `webhook` has more
// fields of the webhook as JSON. With `relay` and `token` it is a webhook of that relay. What becomes of events is said as it is told
// to the page.
import { attach } from "./pkg/cuehook.js";

const parameters = Object.fromEntries(new URL(location).searchParams);

/** Of each state, the ids of its events. */
globalThis.told = {};
document.addEventListener("cuehook:delivery", ({ detail }) => {
  (told[detail.state] ??= []).push(...detail.events);
  globalThis.say?.(JSON.stringify(detail));
});

const area = (id, label, left, more) => ({
  id, label, kind: "area", box: { left, top: 10, width: 20, height: 20 }, onClick: [], ...more,
});

const { relay, token: relayToken } = parameters;
const receiver = relay ? { relay: "collector" } : { url: `${parameters.receiver}/collect/${parameters.queue}` };
const email = { name: "email", type: "email", label: "E-mail", autocomplete: "email" };
const lead = {
  id: "lead", kind: "form", label: "Get our offers", records: "lead", fields: [email],
  box: { left: 5, top: 40, width: 50, height: 55 },
};

const project = {
  cuehook: 1,
  video: { id: "lake", title: "An evening at the lake" },
  webhooks: [
    {
      id: "collector",
      ...receiver,
      events: ["*"],
      ...JSON.parse(parameters.webhook ?? "{}"),
    },
  ],
  elements: [area("more", "Tell me more", 10), area("buy", "Buy the tent", 40, { records: "cta" }), ...(relay ? [lead] : [])],
};
const handle = await attach(document.querySelector("video"), project, relay ? { relay, relayToken } : {});

globalThis.handle = handle;
globalThis.returned = 0;
addEventListener("pageshow", ({ persisted }) => (returned += persisted ? 1 : 0));
/** What makes events larger. */
globalThis.padding = undefined;
globalThis.side = { record: (mark) => handle.outbox.record("test.minted", { mark, padding }) };
// What goes on after it does so with the outbox.
const isThere = () => handle.outbox.state.storage !== "none";
while (!isThere()) await new Promise((go) => setTimeout(go, 10));
document.documentElement.dataset.ready = "";
