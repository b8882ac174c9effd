// Instances that come and go: `again("attach", 1000)` or `again("element", 1000)` resolves when they have, with the size of the module's
// memory. What else stays is asked from outside.

import { moduleBytes } from "./memory.js";

const { attach } = await import("/pkg/cuehook.js");

const main = document.querySelector("main");
const video = main.querySelector("video");
const box = (at) => ({ left: 10 * at, top: 10 * at, width: 20, height: 20 });
const project = {
  cuehook: 1,
  video: { id: "leftovers" },
  variables: { name: "guest" },
  webhooks: [{ id: "w", url: "/bench/answer" }],
  elements: [
    { id: "area", kind: "area", label: "Area", box: box(1), onClick: [{ do: "executeWebhook", webhook: "w" }] },
    { id: "text", kind: "html", box: box(3), source: "<p>Hello ${name}</p>" },
    { id: "later", kind: "html", from: 1, to: 2, box: box(5), source: '<button data-execute-webhook="w">Go</button>' },
  ],
};

const kinds = {
  async attach() {
    (await attach(video, project)).destroy();
  },
  async element() {
    const cue = document.createElement("cue-hook");
    cue.project = project;
    const film = document.createElement("video");
    film.controls = true;
    cue.append(film);
    main.append(cue);
    await cue.ready;
    cue.remove();
    // It ends in a microtask, unless it is only moved.
    await undefined;
  },
};

globalThis.again = async (kind, times) => {
  for (let time = 0; time < times; time += 1) await kinds[kind]();
  return moduleBytes();
};
