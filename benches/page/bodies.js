// Building the body of a request from a long log.

import { median, pause, quantile, table, time, times } from "./numbers.js";
import { logInstance } from "./recording.js";

export async function measureBodies({ bodies, bodySamples }) {
  const rows = [["interactions", "bytes", "Cuehook (p90)", "JSON.stringify (p90)", "ratio", "with TextEncoder", "Cuehook, detail.body read"]];
  for (const count of bodies) rows.push(await measure(count, bodySamples));
  return [
    "BUILDING THE BODY: Cuehook from execute() to the listener of cuehook:request, bytes ready; plain JS stringifies the same objects",
    table(rows),
    "The ratio says how often Cuehook fits into JSON.stringify.",
  ].join("\n");
}

async function measure(count, samples) {
  const { host, handle, area, remove } = await logInstance();
  for (let click = 0; click < count; click += 1) area.click();

  let begun = 0;
  let taken = 0;
  let read = false;
  let body;
  host.addEventListener("cuehook:request", (event) => {
    if (read) body = event.detail.body;
    taken = performance.now() - begun;
    event.preventDefault();
  });
  const ours = async (reading) => {
    read = reading;
    begun = performance.now();
    const promise = handle.execute("discount");
    await promise.catch((error) => {
      if (error.code !== "aborted") throw error;
    });
    return taken;
  };

  // The peer's objects are those of Cuehook's own body.
  await ours(true);
  const objects = JSON.parse(body);
  if (objects.interactions.length !== count) throw new Error(`${objects.interactions.length} interactions instead of ${count}`);
  if (JSON.stringify(objects) !== body) throw new Error("the sides write different bytes");
  const bytes = new TextEncoder().encode(body).length;

  const result = { lazy: [], eager: [], text: [], bytes: [] };
  const encoder = new TextEncoder();
  const sides = [
    ["lazy", () => ours(false)],
    ["eager", () => ours(true)],
    ["text", () => duration(() => JSON.stringify(objects))],
    ["bytes", () => duration(() => encoder.encode(JSON.stringify(objects)))],
  ];
  for (let round = -5; round < samples; round += 1) {
    for (const [name, measure] of turns(sides, round)) {
      const taken = await measure();
      if (round >= 0) result[name].push(taken);
      await pause(1);
    }
  }
  remove();
  const both = (list) => `${time(median(list))} (${time(quantile(list, 0.9))})`;
  const ratio = (list, other = result.lazy) => times(median(list) / median(other));
  return [
    String(count),
    String(bytes),
    both(result.lazy),
    both(result.text),
    ratio(result.text),
    ratio(result.bytes),
    `${time(median(result.eager))}, ${ratio(result.text, result.eager)}`,
  ];
}

/** The list, each time from another place on, so that none always comes after the same one. */
const turns = (list, round) => list.map((_, place) => list.at((place + round) % list.length));

/** What a call takes, in milliseconds. What it returns outlives the measure, as it does when it is sent. */
function duration(call) {
  const begun = performance.now();
  kept = call();
  return performance.now() - begun;
}

let kept;
