// Building the body of a request from a long log.

import { median, pause, spread, table, times } from "./numbers.js";
import { logInstance } from "./recording.js";

export async function measureBodies({ bodies, bodySamples }) {
  const built = [["interactions", "bytes", "Cuehook", "JSON.stringify", "ratio"]];
  const sent = [["interactions", "Cuehook", "plain JS", "ratio"]];
  const read = [["interactions", "Cuehook", "JSON.stringify", "ratio"]];
  for (const count of bodies) {
    const { bytes, samples } = await measure(count, bodySamples);
    const compare = (ours, plain) => [spread(samples[ours]), spread(samples[plain]), times(median(samples[plain]) / median(samples[ours]))];
    built.push([String(count), String(bytes), ...compare("built", "stringify")]);
    sent.push([String(count), ...compare("sent", "request")]);
    read.push([String(count), ...compare("read", "stringify")]);
  }
  return [
    "BUILDING THE BODY (ratio: speed-up of Cuehook over plain JS)",
    "From execute() to the listener of cuehook:request, the body complete; plain JS: JSON.stringify of the same objects",
    table(built),
    "",
    "From execute() to the call of fetch; plain JS: JSON.stringify, then a Request with that text",
    table(sent),
    "",
    "As the first, but the listener reads detail.body",
    table(read),
  ].join("\n");
}

async function measure(count, rounds) {
  const { host, handle, area, remove } = await logInstance();
  for (let click = 0; click < count; click += 1) area.click();

  let mode;
  let begun = 0;
  let taken = 0;
  host.addEventListener("cuehook:request", (event) => {
    if (mode === "read") kept = event.detail.body;
    if (mode !== "sent") {
      taken = performance.now() - begun;
      event.preventDefault();
    }
  });
  const { fetch } = globalThis;
  globalThis.fetch = async () => {
    taken = performance.now() - begun;
    return new Response(null, { status: 204 });
  };
  const ours = async (how) => {
    mode = how;
    begun = performance.now();
    const promise = handle.execute("discount");
    await promise.catch((error) => {
      if (error.code !== "aborted") throw error;
    });
    return taken;
  };

  // The peer's objects are those of Cuehook's own body.
  await ours("read");
  const body = kept;
  const objects = JSON.parse(body);
  if (objects.interactions.length !== count) throw new Error(`${objects.interactions.length} interactions instead of ${count}`);
  if (JSON.stringify(objects) !== body) throw new Error("the sides write different texts");
  const bytes = new TextEncoder().encode(body).length;

  const sides = {
    built: () => ours("built"),
    stringify: () => duration(() => JSON.stringify(objects)),
    sent: () => ours("sent"),
    request: () => duration(() => new Request("/bench/answer", { method: "POST", body: JSON.stringify(objects) })),
    read: () => ours("read"),
  };
  const samples = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = -5; round < rounds; round += 1) {
    for (const name of turned(Object.keys(sides), round)) {
      const taken = await sides[name]();
      if (round >= 0) samples[name].push(taken);
      await pause(1);
    }
  }
  globalThis.fetch = fetch;
  remove();
  return { bytes, samples };
}

/** The list, each time from another place on, so that none always comes after the same one. */
const turned = (list, round) => list.map((_, place) => list.at((place + round) % list.length));

/** What a call takes, in milliseconds. What it returns outlives the measure, as it does when it is sent. */
function duration(call) {
  const begun = performance.now();
  kept = call();
  return performance.now() - begun;
}

let kept;
