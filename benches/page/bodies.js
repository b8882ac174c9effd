// Building the body of a request from a long log.

import { median, pause, quantile, sample, table, time, times } from "./numbers.js";
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
  const ours = async () => {
    begun = performance.now();
    const promise = handle.execute("discount");
    await promise.catch((error) => {
      if (error.code !== "aborted") throw error;
    });
    return taken;
  };

  // The peer's objects are those of Cuehook's own body.
  read = true;
  await ours();
  const objects = JSON.parse(body);
  if (objects.interactions.length !== count) throw new Error(`${objects.interactions.length} interactions instead of ${count}`);
  if (JSON.stringify(objects) !== body) throw new Error("the sides write different bytes");
  const bytes = new TextEncoder().encode(body).length;

  const result = { lazy: [], eager: [], text: [], bytes: [] };
  const encoder = new TextEncoder();
  for (let round = -5; round < samples; round += 1) {
    read = false;
    const lazy = await ours();
    read = true;
    const eager = await ours();
    const [text] = await sample(1, 1, () => JSON.stringify(objects));
    const [encoded] = await sample(1, 1, () => encoder.encode(JSON.stringify(objects)));
    if (round < 0) continue;
    result.lazy.push(lazy);
    result.eager.push(eager);
    result.text.push(text);
    result.bytes.push(encoded);
    await pause(0);
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
