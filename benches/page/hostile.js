// One pair of hostile.json: how long an answer and a template that want to keep the page busy do keep it, and how much memory the
// module takes. `?pair=3` says which; the result is JSON in `data-result` of the document's element.

import { moduleBytes } from "./memory.js";

/** The JSON text of a value in which `{"$text": ["a", 3]}` stands for `"aaa"` and so on. `#` becomes the number of the copy. */
function expanded(value, number = 0) {
  const text = (part, number) => JSON.parse(expanded(part, number));
  const copies = (count, make) => Array.from({ length: count }, (_, number) => make(number));
  const digits = (count) => "1234567890".repeat(count / 10 + 1).slice(0, count);
  if (typeof value === "string") return JSON.stringify(value.replaceAll("#", number));
  if (Array.isArray(value)) return `[${value.map((item) => expanded(item, number))}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const { $text, $join, $list, $object, $nested, $index, $fraction, $digits } = value;
  if ($text) return JSON.stringify(copies($text[1], (number) => text($text[0], number)).join(""));
  if ($join) return JSON.stringify($join.map((part) => text(part, number)).join(""));
  if ($list) return `[${copies($list[1], (number) => expanded($list[0], number))}]`;
  if ($object) return `{${copies($object[2], (number) => `${expanded($object[0], number)}:${expanded($object[1], number)}`)}}`;
  if ($nested) return `${"[".repeat($nested[0])}${expanded($nested[1], number)}${"]".repeat($nested[0])}`;
  if ($index !== undefined) return String(number);
  if ($fraction) return `0.${digits($fraction)}`;
  if ($digits) return JSON.stringify(digits($digits));
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${expanded(item, number)}`)}}`;
}

const box = { left: 0, top: 0, width: 20, height: 20 };

function project({ overlay = "x", label, count = 1, actions = [] }) {
  const of = (number) =>
    label === undefined
      ? { id: `e${number}`, kind: "html", box, source: JSON.parse(expanded(overlay)) }
      : { id: `e${number}`, kind: "area", box, label: JSON.parse(expanded(label)) };
  return {
    cuehook: 1,
    video: { id: "hostile", title: "Hostile" },
    webhooks: [{ id: "w", name: "W", url: "/bench/hostile-answer", waitForResponse: true, whileRunning: "queue" }],
    elements: [
      ...Array.from({ length: count }, (_, number) => of(number)),
      { id: "go", kind: "area", label: "Go", box, onClick: [{ do: "executeWebhook", webhook: "w" }, ...JSON.parse(expanded(actions))] },
    ],
  };
}

/** The longest time between two tasks, while `work` goes on and until the page has been quiet for a while: script, style and layout. */
async function blocked(work) {
  const channel = new MessageChannel();
  let longest = 0;
  let last = performance.now();
  let busy = last;
  const ping = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    if (now - last > 40) busy = now;
    last = now;
    return now;
  };
  const done = Promise.resolve(work()).catch(() => {});
  let settled = false;
  done.then(() => (settled = true));
  await new Promise((resolve) => {
    const begun = last;
    channel.port1.onmessage = () => {
      const now = ping();
      if (settled && (now - busy > 200 || now - begun > 4_000)) resolve();
      else channel.port2.postMessage(null);
    };
    channel.port2.postMessage(null);
  });
  return longest;
}

async function run() {
  const pairs = await (await fetch("hostile.json")).json();
  const pair = pairs[Number(new URLSearchParams(location.search).get("pair") ?? NaN)];
  if (!pair) return { count: pairs.length };
  const answers = [pair.answer, pair.second].filter(Boolean).map((answer) => new TextEncoder().encode(expanded(answer)));
  const { attach } = await import("/pkg/cuehook.js");
  const host = document.querySelector("#host");
  const errors = [];
  host.addEventListener("cuehook:error", ({ detail }) => errors.push(detail.message));
  // Loads the module, and compiles what is only compiled when it first runs.
  const first = await attach(host.querySelector("video"), project({ overlay: "<p>${x!-}</p>" }), { host });
  first.destroy();
  const fetched = window.fetch;
  const before = moduleBytes();
  let handle;
  const attached = await blocked(async () => {
    handle = await attach(host.querySelector("video"), project(pair), { host });
  });
  const result = { name: pair.name, attached, answered: 0, again: 0, unrelated: 0 };
  if (handle) {
    for (const [turn, answer] of answers.entries()) {
      // A second click at once would be a double click.
      if (turn > 0) await new Promise((resolve) => setTimeout(resolve, 600));
      window.fetch = async () => new Response(answer, { headers: { "content-type": "application/json" } });
      const longest = await blocked(async () => {
        const settled = new Promise((resolve) => host.addEventListener("cuehook:settled", resolve, { once: true }));
        document.querySelector("[data-cuehook-element=go]").click();
        await settled;
      });
      result[turn === 0 ? "answered" : "again"] = longest;
    }
    window.fetch = fetched;
    for (let turn = 0; turn < 3; turn += 1) {
      const longest = await blocked(async () => handle.variables.set("unrelated", turn));
      result.unrelated = Math.max(result.unrelated, longest);
    }
  }
  result.grown = moduleBytes() - before;
  result.module = moduleBytes();
  result.message = String(errors[0] ?? "").slice(0, 300);
  return result;
}

const { dataset } = document.documentElement;
run().then(
  (result) => (dataset.result = JSON.stringify(result)),
  (error) => (dataset.result = JSON.stringify({ failed: String(error?.stack ?? error) })),
);
