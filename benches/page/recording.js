// Recording an interaction: clicks on areas that do nothing else.

import { attach } from "/pkg/cuehook.js";
import { median, quantile, sample, table, time, times } from "./numbers.js";

/** Clicks between two looks at the clock. */
const BATCH = 20;

export const LOG_PROJECT = {
  cuehook: 1,
  video: { id: "bench", title: "Bench" },
  webhooks: [{ id: "discount", name: "Discount code", url: "/bench/answer", retries: 0, whileRunning: "queue" }],
  elements: [{ id: "spot", kind: "area", label: "A spot to click on", box: { left: 0, top: 0, width: 50, height: 50 } }],
};

/** An instance with nothing but a log. */
export async function logInstance() {
  const host = document.createElement("div");
  host.append(document.createElement("video"));
  document.querySelector(".figures").append(host);
  const handle = await attach(host.firstChild, LOG_PROJECT, { host });
  const area = host.querySelector("[data-cuehook-element=spot]");
  return { host, handle, area, remove: () => (handle.destroy(), host.remove()) };
}

export async function measureRecording({ batches }) {
  const { host, handle, area, remove } = await logInstance();
  const clicker = (button) => (size) => {
    for (let click = 0; click < size; click += 1) button.click();
  };

  // The same node at the same place in the tree, with another listener.
  const peer = (listener) => {
    const button = area.cloneNode(true);
    button.addEventListener("click", listener);
    area.after(button);
    return button;
  };
  const objects = [];
  const empty = peer((event) => event.stopPropagation());
  const pushing = peer((event) => {
    event.stopPropagation();
    objects.push({
      seq: objects.length + 1,
      id: crypto.randomUUID(),
      type: "click",
      element: "spot",
      label: "A spot to click on",
      mediaTime: host.firstChild.currentTime,
      at: new Date().toISOString(),
    });
  });

  const sides = { ours: area, empty, pushing };
  const samples = { ours: [], empty: [], pushing: [] };
  for (const button of Object.values(sides)) clicker(button)(200);
  const before = handle.interactions.length;
  for (let round = 0; round < batches; round += 10) {
    for (const [name, button] of Object.entries(sides)) {
      samples[name].push(...(await sample(Math.min(10, batches), BATCH, clicker(button))));
    }
  }
  const recorded = handle.interactions.at(-1).seq;
  remove();
  const expected = before + samples.ours.length * BATCH;
  if (recorded !== expected) throw new Error(`${recorded} interactions were recorded instead of ${expected}`);

  const base = median(samples.empty);
  const rows = [["per click", "median", "p90", "without an empty listener's"]];
  for (const [title, list] of [["empty listener", samples.empty], ["plain JS: push an object", samples.pushing], ["Cuehook: the whole way", samples.ours]]) {
    rows.push([title, time(median(list)), time(quantile(list, 0.9)), time(median(list) - base)]);
  }
  const ratio = (median(samples.ours) - base) / (median(samples.pushing) - base);
  return [
    `RECORDING AN INTERACTION: ${samples.ours.length} batches of ${BATCH} clicks each`,
    table(rows),
    `Cuehook's click also asks the page by cuehook:activate and looks at all elements' times. Ratio to pushing an object: ${times(ratio)}.`,
  ].join("\n");
}
