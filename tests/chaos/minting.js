// What tests that kill browsers do on a page. Its sender is `side`: `record(mark)` gives a promise of the event's id, which is
// fulfilled once the event is recorded.

const problems = [];
globalThis.problems = problems;
addEventListener("error", ({ message }) => problems.push(message));
addEventListener("unhandledrejection", ({ reason }) => problems.push(String(reason)));

// With `?later=n` the visit is so many milliseconds later than it is.
const later = Number(new URL(location).searchParams.get("later"));
if (later > 0) {
  const now = Date.now;
  Date.now = () => now() + later;
}

/** Records events, one after the other, and says each as soon as it is recorded. Gives `[mark, id]` of all. */
globalThis.mint = async (count, prefix, pause = 0) => {
  const minted = [];
  for (let number = 1; number <= count; number++) {
    const mark = `${prefix}-${number}`;
    const pair = [mark, await side.record(mark)];
    globalThis.say?.(JSON.stringify(pair));
    minted.push(pair);
    if (pause > 0) await new Promise((go) => setTimeout(go, pause));
  }
  return minted;
};

/**
 * The same for an outbox that may refuse: `[mark, id]` of those that were recorded, `[mark, code]` of the others. One of which
 * nothing is heard for a second is `late`; it may still be recorded.
 */
globalThis.attempt = async (count, prefix) => {
  const result = { minted: [], refused: [] };
  for (let number = 1; number <= count; number++) {
    const mark = `${prefix}-${number}`;
    const recorded = side.record(mark).then(
      (id) => result.minted.push([mark, id]),
      ({ code }) => result.refused.push([mark, code]),
    );
    const late = new Promise((go) => setTimeout(go, 1000, "late"));
    if ((await Promise.race([recorded, late])) === "late") result.refused.push([mark, "late"]);
  }
  return result;
};
