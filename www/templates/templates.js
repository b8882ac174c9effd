/** The playground: compiles the template as it is typed, and shows it for the sample answer. */

import { byId, h } from "/demo/dom.js";
import { EXAMPLES } from "./examples.js";
import { list, words } from "./problems.js";
import { fromHash, toHash } from "./share.js";

/** After so many milliseconds without a key the result is made anew. */
const PAUSE = 150;

const [source, sample, result, state, example, copy] = ["source", "sample", "result", "state", "example", "copy"].map(byId);
const encoder = new TextEncoder();

/** The class of the authoring build, once it is there. */
let Template;
/** What is shown: `{ source, place, template, hints }`. */
let shown = null;
let timer;

function say(kind, text) {
  if (state.textContent !== text) state.textContent = text;
  state.dataset.kind = kind;
}

/** An error of Cuehook's as a problem. */
const problem = (error) => ({ line: error.line, column: error.column, message: error.message, kind: "error" });

/**
 * Compiles the template. One that only a document with `"expressions": "full"` may have is compiled like this, with a
 * hint.
 */
function compile(source) {
  const place = document.createElement("div");
  try {
    return { source, place, template: new Template(source, place), hints: [] };
  } catch (error) {
    if (error.needs !== "full") throw error;
    return { source, place, template: new Template(source, place, true), hints: [{ ...problem(error), kind: "warning" }] };
  }
}

/** Shows the template if it can be shown; otherwise what was shown stays. Gives the problems of both texts. */
function attempt() {
  const bytes = encoder.encode(sample.value);
  let next = shown;
  if (shown?.source !== source.value) {
    try {
      next = compile(source.value);
    } catch (error) {
      return { inSource: [problem(error)], inSample: [] };
    }
  }
  const drop = () => next !== shown && next.template.free();
  const inSource = [...next.hints, ...next.template.lint(bytes).map((remark) => ({ ...remark, kind: "warning" }))];
  try {
    next.template.show(bytes);
  } catch (error) {
    drop();
    if (error.code === "bad-json") return { inSource, inSample: [problem(error)] };
    return { inSource: [problem(error), ...inSource], inSample: [] };
  }
  if (next !== shown) {
    result.replaceChildren(next.place);
    shown?.template.free();
    shown = next;
  }
  return { inSource, inSample: [] };
}

function update() {
  if (!Template) return;
  const { inSource, inSample } = attempt();
  list(byId("source-problems"), source, inSource);
  list(byId("sample-problems"), sample, inSample);
  const failed = [...inSource, ...inSample].find(({ kind }) => kind === "error");
  byId("stale").hidden = !failed || !shown;
  byId("card").toggleAttribute("data-stale", Boolean(failed && shown));
  if (failed) {
    const where = inSample.includes(failed) ? "sample answer" : "template";
    say("error", failed.line ? `Error in the ${where}, line ${failed.line}` : `Error in the ${where}`);
    return;
  }
  showPaths(shown.template);
  const refused = shown.template.warnings().length;
  const count = inSource.length + refused;
  say(count ? "warning" : "good", count ? `${count} ${count === 1 ? "warning" : "warnings"}` : "All is well");
}

function showPaths(template) {
  const missing = new Set(template.missing().map((text) => text.split(" → ")[0]));
  const waits = byId("waits");
  waits.hidden = missing.size === 0;
  const names = [...missing].map((expression) => `\`${expression}\``).join(", ");
  waits.replaceChildren(...words(`A viewer sees nothing yet: an overlay waits until there is ${names}.`));
  const items = template.paths().map((path) => {
    const gone = missing.has(path);
    return h("li", { "data-missing": gone }, path, gone && h("small", null, "missing"));
  });
  const refused = template.warnings().map((text) => h("li", { "data-missing": true }, text));
  byId("paths").replaceChildren(...(items.length ? items : [h("li", { class: "none" }, "None.")]), ...refused);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(update, PAUSE);
}

function load(texts) {
  source.value = texts.source;
  sample.value = texts.sample;
  update();
}

/** Takes what the address holds, or else the first example. */
function restore() {
  const shared = fromHash(location.hash);
  example.value = shared ? "" : "0";
  load(shared ?? EXAMPLES[0]);
}

let copied;
copy.addEventListener("click", async () => {
  const hash = toHash({ source: source.value, sample: sample.value });
  let said = "Too long for a link";
  if (hash) {
    history.replaceState(null, "", hash);
    try {
      await navigator.clipboard.writeText(location.href);
      said = "Copied";
    } catch {
      said = "It is in the address bar";
    }
  }
  copy.textContent = said;
  clearTimeout(copied);
  copied = setTimeout(() => (copy.textContent = "Copy link"), 1800);
});

example.append(
  h("option", { value: "", disabled: true, hidden: true }, "your own"),
  ...EXAMPLES.map(({ name }, number) => h("option", { value: String(number) }, name)),
);
example.addEventListener("change", () => {
  history.replaceState(null, "", location.pathname);
  load(EXAMPLES[Number(example.value)]);
});
for (const field of [source, sample]) field.addEventListener("input", later);
addEventListener("hashchange", restore);
restore();

try {
  const built = await import("/pkg/dist/authoring/cuehook.js");
  await built.default();
  Template = built.Template;
  update();
} catch (error) {
  say("error", `This page could not be loaded: ${error.message}`);
}
