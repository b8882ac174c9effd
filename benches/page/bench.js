// Measures Cuehook against plain JavaScript that does the same job, and writes the report.
//
// `?quick` measures hardly anything: it only shows that the page works. `?templates` measures templates alone.

import "/pkg/cuehook.js";
import { measureBodies } from "./bodies.js";
import { measureClicks } from "./clicks.js";
import { pause } from "./numbers.js";
import { measureRecording } from "./recording.js";
import { measureTemplates } from "./templates.js";

const query = new URLSearchParams(location.search);
const quick = query.has("quick");
const measures = query.has("templates")
  ? [measureTemplates]
  : [measureClicks, measureRecording, measureBodies, measureTemplates];

/** How much is measured. */
const counts = quick
  ? { warmUp: 1, clicks: 3, batches: 5, bodies: [0, 10, 100], bodySamples: 3, templateWarmUp: 1, templateSamples: 3 }
  : { warmUp: 15, clicks: 150, batches: 300, bodies: [0, 10, 1_000, 10_000], bodySamples: 60, templateWarmUp: 30, templateSamples: 200 };

const report = document.querySelector("#report");

async function run() {
  const sections = [
    `${navigator.userAgent}\n${navigator.hardwareConcurrency} cores; clock of ${clock()} µs${quick ? "; QUICK: the figures mean nothing" : ""}`,
  ];
  for (const measure of measures) {
    sections.push(await measure(counts));
    report.textContent = `${sections.join("\n\n")}\n\nMeasuring …`;
    await pause(100);
  }
  return sections.join("\n\n");
}

/** The smallest step of the clock, in microseconds. */
function clock() {
  const begun = performance.now();
  let smallest = Infinity;
  for (let last = begun; last - begun < 20; ) {
    const now = performance.now();
    if (now > last) smallest = Math.min(smallest, now - last);
    last = now;
  }
  return Math.round(smallest * 1_000);
}

try {
  report.textContent = await run();
} catch (error) {
  report.textContent = `The bench was given up: ${error?.stack ?? error}`;
  document.documentElement.dataset.failed = "";
}
document.documentElement.dataset.bench = "done";
