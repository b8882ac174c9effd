// Numbers: how they are gathered, and how they are written.

/** The value below which a part of the samples lies. */
export function quantile(samples, part) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

export const median = (samples) => quantile(samples, 0.5);

/** Milliseconds, as text in the unit that suits. */
export function time(ms) {
  return Math.abs(ms) < 1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toFixed(2)} ms`;
}

export const times = (ratio) => `${ratio.toFixed(2)}×`;

export const spread = (samples) => `${time(median(samples))} (p90 ${time(quantile(samples, 0.9))})`;

/** A table in plain text; the first row is the head. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd();
  return [line(rows[0]), widths.map((width) => "-".repeat(width)).join("  "), ...rows.slice(1).map(line)].join("\n");
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `batch` often; gives what one of its `size` steps took, in milliseconds, once per call. */
export async function sample(count, size, batch) {
  const samples = [];
  for (let round = 0; round < count; round += 1) {
    const begun = performance.now();
    batch(size);
    samples.push((performance.now() - begun) / size);
    // Gives the browser a chance to collect garbage and to paint outside of what is measured.
    if (round % 10 === 9) await pause(0);
  }
  return samples;
}
