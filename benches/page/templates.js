// Templates: from the bytes of an answer to what the viewer sees, against other template engines and code by hand.

import { CASES } from "./cases.js";
import { LISTS, list } from "./lists.js";
import { inner } from "./markup.js";
import { median, pause, spread, table, time, times } from "./numbers.js";
import { prepare, SIDES, STRINGS } from "./sides.js";

/** The same showing: with only the script's time, and with the layout that follows it. */
const MEASURES = { script: () => {}, layout: (parent) => parent.offsetHeight };

export async function measureTemplates({ templateSamples, templateWarmUp }) {
  await prepare();
  const sections = [];
  for (const example of CASES) {
    compare(example);
    const shows = {};
    for (const measure of Object.keys(MEASURES)) {
      shows[measure] = await measureShow(example, MEASURES[measure], templateWarmUp, templateSamples);
    }
    sections.push(`${example.title}\n${report(shows)}`);
  }
  const compile = {};
  for (const example of CASES.filter(({ compiles }) => compiles)) {
    compile[example.name] = await measureCompile(example, templateWarmUp, templateSamples);
  }
  sections.push(`From the template's source to what the first answer shows: compiling, building, filling\n${report(compile)}`);
  // The long list takes seconds, too long for only seeing that the page works.
  for (const { count, steps } of templateSamples < 10 ? LISTS.slice(0, 1) : LISTS) {
    sections.push(`A list of ${count} keyed rows, script alone\n${await measureList(steps, templateWarmUp, templateSamples / 2)}`);
  }
  return [
    `TEMPLATES: ${templateSamples} samples of each, all sides in turn. "÷ Cuehook": speed-up of Cuehook over it; more than 1 is slower than Cuehook.`,
    "script: from the answer's bytes until the nodes are changed; layout: until the browser has laid them out as well",
    ...sections,
  ].join("\n\n");
}

/** Throws unless all sides show the same for the same answers. */
function compare({ title, templates, answers, first }, names = Object.keys(SIDES)) {
  const pages = names.map((name) => {
    const side = SIDES[name];
    const { parent, shown, remove } = mounted(side.compile(templates[side.language]));
    // Back to the first, too: what is patched must come out as what is new.
    const texts = [...answers, answers[0]].map((answer) => (shown.show(answer), inner(parent)));
    remove();
    if (!first && texts[0] === texts[1]) throw new Error(`${title}: ${name} shows the same for both answers`);
    return { name, text: texts.join("\n") };
  });
  const [ours, ...others] = pages;
  for (const { name, text } of others) {
    if (text === ours.text) continue;
    let at = 0;
    while (text[at] === ours.text[at]) at += 1;
    const around = (page) => page.slice(Math.max(0, at - 100), at + 100);
    throw new Error(`${title}: the sides show different things:\n${ours.name}: ${around(ours.text)}\n${name}: ${around(text)}`);
  }
}

/** Milliseconds per showing, by side. */
async function measureShow({ templates, answers, batch, first }, after, warmUp, count) {
  const ready = Object.values(SIDES).map((side) => {
    const compiled = side.compile(templates[side.language]);
    if (first) return () => timed(range(batch).map(() => mounted(compiled)), answers[0], after);
    const one = mounted(compiled);
    let turn = 0;
    const run = () => {
      const begun = performance.now();
      for (let step = 0; step < batch; step += 1) {
        one.shown.show(answers[turn % answers.length]);
        after(one.parent);
        turn += 1;
      }
      return (performance.now() - begun) / batch;
    };
    return Object.assign(run, { end: one.remove });
  });
  const samples = await inTurn(ready, warmUp, count);
  for (const { end } of ready) end?.();
  return samples;
}

/** The sides that find rows again by their keys. */
const KEYED = ["Cuehook", "lit-html"];

/** What happens to a list, there and back in turn: both sides, and the speed-up over the other. */
async function measureList(steps, warmUp, count) {
  const rows = [["", ...KEYED, "÷ Cuehook"]];
  for (const { ways, answers } of steps) {
    compare({ title: ways.join(", "), templates: list, answers }, KEYED);
    const shown = KEYED.map((name) => mounted(SIDES[name].compile(list[SIDES[name].language])));
    const samples = await inTurn(shown.map((one) => () => thereAndBack(one, answers)), warmUp, count, KEYED);
    for (const { remove } of shown) remove();
    ways.forEach((way, direction) => {
      // Where there and back are the same kind of change, both count.
      const taken = KEYED.map((name) =>
        samples[name].flatMap((both) => (ways.length > 1 ? [both[direction]] : both)),
      );
      rows.push([way, ...taken.map(spread), times(median(taken[1]) / median(taken[0]))]);
    });
  }
  return table(rows);
}

/** Milliseconds from the first answer to the second, and back. */
function thereAndBack({ shown }, [first, second], turns = 4) {
  const taken = [0, 0];
  shown.show(first);
  for (let turn = 0; turn < turns; turn += 1) {
    const begun = performance.now();
    shown.show(second);
    const there = performance.now();
    shown.show(first);
    taken[0] += (there - begun) / turns;
    taken[1] += (performance.now() - there) / turns;
  }
  return taken;
}

/** Shows an answer once in each place, all of them empty before. */
function timed(places, answer, after) {
  const begun = performance.now();
  for (const { shown, parent } of places) {
    shown.show(answer);
    after(parent);
  }
  const taken = performance.now() - begun;
  for (const { remove } of places) remove();
  return taken / places.length;
}

function measureCompile({ templates, answers }, warmUp, count) {
  const ready = Object.values(SIDES).map((side) => () => {
    const parents = range(10).map(place);
    const kept = [];
    const begun = performance.now();
    for (const parent of parents) {
      const shown = side.compile(templates[side.language], { anew: true })(parent);
      shown.show(answers[0]);
      kept.push(shown);
    }
    const taken = performance.now() - begun;
    for (const shown of kept) shown.remove?.();
    for (const parent of parents) parent.remove();
    return taken / parents.length;
  });
  return inTurn(ready, warmUp, count);
}

/** Calls all sides in turn, each round beginning with another one; gives each one's samples. */
async function inTurn(calls, warmUp, count, names = Object.keys(SIDES)) {
  const samples = calls.map(() => []);
  for (let round = -warmUp; round < count; round += 1) {
    for (let step = 0; step < calls.length; step += 1) {
      const number = (step + round + warmUp) % calls.length;
      const taken = calls[number]();
      if (round >= 0) samples[number].push(taken);
    }
    // Outside of what is measured the browser may collect garbage and paint.
    await pause(0);
  }
  return Object.fromEntries(names.map((name, number) => [name, samples[number]]));
}

/** A compiled template in a place of its own. */
function mounted(compiled) {
  const parent = place();
  const shown = compiled(parent);
  return { parent, shown, remove: () => (shown.remove?.(), parent.remove()) };
}

/** An empty overlay on the page. */
function place() {
  const parent = document.createElement("div");
  parent.className = "template";
  document.querySelector("#templates").append(parent);
  return parent;
}

const range = (count) => Array.from({ length: count }, (_, number) => number);

/** `columns`: for each title the samples by side. */
function report(columns) {
  const head = [""];
  const rows = Object.keys(SIDES).map((name) => [name]);
  const summaries = [];
  for (const [title, samples] of Object.entries(columns)) {
    const medians = Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, median(list)]));
    head.push(title, "÷ Cuehook");
    for (const row of rows) row.push(spread(samples[row[0]]), times(medians[row[0]] / medians.Cuehook));
    const fastest = STRINGS.reduce((best, name) => (medians[name] < medians[best] ? name : best));
    const against = [fastest, "lit-html", "by hand"].map((name) => `${name} ${times(medians[name] / medians.Cuehook)}`);
    summaries.push(`${title}: Cuehook ${time(medians.Cuehook)}; fastest string template ${against.join(", ")}`);
  }
  return [table([head, ...rows]), ...summaries].join("\n");
}
