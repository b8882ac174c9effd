// A page that records events with one of the sides: `?side=snowplow&receiver=http://127.0.0.1:8788&queue=x`. Each side is a
// module whose default export starts it, and gives `record(mark)` and `flush()`.

const parameters = Object.fromEntries(new URL(location).searchParams);
const { default: start } = await import(parameters.side === "cuehook" ? "./cuehook.js" : `./built/${parameters.side}.js`);
const side = await start(parameters);

const sleep = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

/** Records events, each in a task of its own; waits for those that can be waited for. */
globalThis.mint = async (count, prefix) => {
  for (let number = 1; number <= count; number++) {
    await side.record(`${prefix}-${number}`);
    await sleep(0);
  }
};

/** The same as fast as it can. */
globalThis.fill = (count, prefix) =>
  Promise.all(Array.from({ length: count }, (_, index) => side.record(`${prefix}-${index + 1}`)));

globalThis.flush = () => side.flush?.();

/**
 * What an event costs, in milliseconds, for each of so many: `call` until the call returns, `task` until what follows in
 * the same task is done, too (promises), and `recorded` until its promise is fulfilled.
 */
globalThis.measure = async (count, prefix, options) => {
  const found = { call: [], task: [], recorded: [] };
  const channel = new MessageChannel();
  for (let number = 1; number <= count; number++) {
    // What an event leaves for later is not counted with the next one.
    await sleep(10);
    const next = new Promise((tell) => {
      channel.port1.onmessage = () => tell(performance.now());
    });
    channel.port2.postMessage(null);
    const begun = performance.now();
    const promise = side.record(`${prefix}-${number}`, options);
    const returned = performance.now();
    const recorded = promise?.then && promise.then(() => performance.now());
    found.call.push(returned - begun);
    found.task.push((await next) - begun);
    if (recorded) found.recorded.push((await recorded) - begun);
  }
  return found;
};

document.documentElement.dataset.ready = "";
