// What tests that kill browsers do on a page. Its sender is `side`: `record(mark)` gives a promise of the event's id, which is
// fulfilled once the event is recorded.

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
