// A page that uses everything. Only its types are checked.
import Cuehook, { attach, CueHook } from "cuehook";
import type { CuehookError, CuehookHandle, MediaLike, Project } from "cuehook";

const project: Project = {
  cuehook: 1,
  video: { id: "spring-shop", title: "Spring shop" },
  variables: { viewerName: "guest" },
  webhooks: [
    {
      id: "discount",
      url: "https://shop.example/hooks/discount",
      headers: [{ name: "X-Shop", value: "spring" }],
      waitForResponse: true,
      includeInteractions: ["get-code"],
      timeoutMs: 8000,
      retries: 2,
      whileRunning: "drop",
    },
    { id: "crm", relay: "crm", events: ["lead.*"] },
  ],
  elements: [
    {
      id: "get-code",
      kind: "area",
      label: "Get my discount code",
      from: 2,
      to: "00:00:12.500",
      box: { left: 25, top: 25, width: 50, height: 50 },
      onClick: [
        { do: "executeWebhook", webhook: "discount", params: { sku: "A-17" }, onError: [{ do: "play" }] },
        { do: "show", element: "code" },
      ],
    },
    {
      id: "code",
      kind: "html",
      visible: false,
      box: { left: 10, top: 80, width: 80, height: 10 },
      source: 'DiscountCode: ${discountCode! -} <button data-action="bye">Close</button>',
      whenMissing: "empty",
      actions: { bye: [{ do: "hide", element: "code" }] },
    },
  ],
  words: { waiting: "Einen Augenblick …" },
};

const element = document.querySelector("cue-hook");
if (element) {
  const cueHook: CueHook = element;
  cueHook.addEventListener("cuehook:request", (event) => {
    event.detail.headers["authorization"] = "Bearer short-lived";
    const body: string = event.detail.body;
    if (body.length > 10_000) event.preventDefault();
    // @ts-expect-error The body is sealed.
    event.detail.body = "{}";
  });
  cueHook.addEventListener("cuehook:resume", ({ detail }) => {
    if (detail.reason === "viewer-played") console.log(detail.requestId, detail.mediaTime);
    // @ts-expect-error There is no such reason.
    if (detail.reason === "bored") console.log("never");
  });
  cueHook.addEventListener("cuehook:activate", (event) => {
    const { element, label, webhook, action, params } = event.detail;
    if (action === "bye" || webhook === undefined) console.log(element.length, label.length);
    // @ts-expect-error Only a button has parameters.
    console.log(params.sku);
    const sku: string | undefined = params?.["sku"];
    if (sku === "A-17") event.preventDefault();
  });
  cueHook.addEventListener("cuehook:error", ({ detail }) => {
    for (const { path, message, line } of detail.problems ?? []) console.error(path, message, line);
  });
  cueHook.addEventListener("click", (event) => console.log(event.clientX));
  const answer = await cueHook.execute("discount", { sku: "A-17" });
  console.log(answer?.["discountCode"]);
  const handle: CuehookHandle = await cueHook.ready;
  handle.variables.set("viewerName", "Ada");
  const name = handle.variables.get("viewerName");
  const all = handle.variables.get();
  console.log(name === undefined, all["viewerName"], handle.interactions[0]?.mediaTime);
  handle.outbox.viewer = { id: "17", email: "ada@example.org", plan: "gold" };
  const id: string = await handle.outbox.record("cart.added", { sku: "A-17" });
  const { storage, waiting, webhooks } = handle.outbox.state;
  if (storage === "volatile" && waiting > 0) console.log(id, webhooks[0]?.nextMs);
  await handle.outbox.flush();
  await handle.outbox.purge();
  handle.outbox.consent = "denied";
  // @ts-expect-error There is no such consent.
  handle.outbox.consent = "perhaps";
  // @ts-expect-error The state is only looked at.
  handle.outbox.state.waiting = 0;
  // @ts-expect-error Properties are an object.
  await handle.outbox.record("cart.added", "A-17");
  cueHook.viewer = null;
  cueHook.consent = "granted";
  await handle.update("/autumn-shop.json");
  await handle.update(project);
  handle.destroy();
  // @ts-expect-error A function is no JSON value.
  handle.variables.set("callback", () => {});
  cueHook.handle?.destroy();
}

document.addEventListener("cuehook:delivery", ({ detail }) => {
  if (detail.state === "dead") console.log(detail.webhook, detail.events.length, detail.status, detail.reason);
});
document.addEventListener("cuehook:callback", ({ detail }) => console.log(detail.name, detail.value));
document.addEventListener("cuehook:settled", ({ detail }) => console.log(detail.outcome === "ok", detail.attempts));
document.addEventListener("cuehook:variablechange", ({ detail }) => console.log(detail.previous, detail.value));

const video = document.createElement("video");
try {
  const handle = await attach(video, project, { allowOrigins: ["https://shop.example"], host: document.body });
  await handle.execute("discount");
  await Cuehook.attach(video, new URL("https://shop.example/spring-shop.json"), { expressions: "full" });
  await attach(video, project, {
    defaults: { cuehook: 1, webhooks: [{ id: "crm", url: "/crm", events: ["lead.*"], enabled: false }] },
    viewer: { name: "Ada" },
    consent: "granted",
  });
  // @ts-expect-error There is no such build.
  await attach(video, project, { expressions: "whole" });
} catch (error) {
  const { code, problems } = error as CuehookError;
  if (code === "config-invalid") console.error(problems);
  // @ts-expect-error Codes are spelled with dashes.
  if (code === "config_invalid") console.error(problems);
}

class Adapter extends EventTarget implements MediaLike {
  currentTime = 0;
  duration = Number.NaN;
  paused = true;
  ended = false;
  play(): void {}
  pause(): void {}
}
await attach(new Adapter(), project, { host: document.body });

// @ts-expect-error Areas need an accessible name.
export const nameless: Project = { cuehook: 1, video: { id: "v" }, elements: [{ id: "a", kind: "area", box: { left: 0, top: 0, width: 1, height: 1 } }] };

export const full: Project = { cuehook: 1, expressions: "full" };

Cuehook.wasmUrl = "/assets/cuehook.wasm";
Cuehook.outboxUrl = "/assets/outbox.wasm";
Cuehook.fullWasmUrl = new URL("https://shop.example/assets/full.wasm");
// @ts-expect-error Nothing is chosen by a setting.
Cuehook.expressions = true;
console.log(CueHook.name);

export const everything: Project = {
  cuehook: 1,
  video: { id: "v", number: 7, thumbnail: "/t.jpg", downloadUrl: "/v.mp4", shareUrl: "/v", embedUrl: "/e" },
  defaults: "/account.json",
  webhooks: [
    { id: "crm", url: "/crm", events: ["lead.*", "view.ended"], format: "cloudevents", batch: true, enabled: true, survive: true },
    { id: "of-defaults" },
  ],
  viewerOptions: ["pause", "list"],
  elements: [
    { id: "a", kind: "area", label: "A", look: "frame", icon: "<svg></svg>", cue: "boat", records: "cta", pauseOnAppear: true, box: { left: 0, top: 0, width: 1, height: 1 } },
    { id: "b", kind: "area", label: "B", path: [{ at: 0, box: { left: 0, top: 0, width: 1, height: 1 } }, { at: "00:02", box: { left: 1, top: 0, width: 1, height: 1 } }] },
    {
      id: "c",
      kind: "form",
      box: { left: 0, top: 0, width: 50, height: 50 },
      modal: true,
      announce: false,
      records: "lead",
      remember: false,
      submit: "Send",
      fields: [
        { name: "email", type: "email", label: "E-mail", required: true, autocomplete: "email", hint: "We write once." },
        { name: "size", type: "select", label: "Size", options: ["S", { value: "m", label: "M" }] },
        { name: "count", type: "number", label: "How many", min: 1, max: 9 },
      ],
      onSubmit: [{ do: "if", when: "forms.c.count > 3", then: [{ do: "hide", element: "a" }], else: [{ do: "play" }] }],
    },
    {
      id: "d",
      kind: "question",
      box: { left: 0, top: 0, width: 50, height: 50 },
      text: "Which?",
      choices: [{ id: "x", label: "X", correct: true, feedback: "Yes" }, { id: "y", label: "Y" }],
      multiple: true,
      attempts: 2,
      onAnswer: [],
      onCorrect: [],
      onWrong: [],
    },
    { id: "e", kind: "condition", when: "questions.d.correct", from: 2, onTrue: [{ do: "pause" }], onFalse: [] },
  ],
  words: { interactions: "Interaktionen", pauseAlways: "Immer anhalten" },
};
// @ts-expect-error An area is somewhere: it has a box or a path.
export const nowhere: Project = { cuehook: 1, elements: [{ id: "a", kind: "area", label: "A" }] };
// @ts-expect-error A condition is not seen.
export const seen: Project = { cuehook: 1, elements: [{ id: "e", kind: "condition", when: "x", box: { left: 0, top: 0, width: 1, height: 1 } }] };
// @ts-expect-error There is no such look.
export const glowing: Project = { cuehook: 1, elements: [{ id: "a", kind: "area", label: "A", look: "glow", box: { left: 0, top: 0, width: 1, height: 1 } }] };

document.addEventListener("cuehook:pause", ({ detail }) => {
  const held: string = detail.element ?? String(detail.requestId);
  console.log(held);
});
document.addEventListener("cuehook:activate", ({ detail }) => console.log(detail.values?.["email"], detail.answers?.[0]));
await attach(video, everything, { viewerOptions: ["list"] });
// @ts-expect-error There is no such setting.
await attach(video, everything, { viewerOptions: ["mute"] });
