/**
 * Clicks on `data-execute-webhook` anywhere on the page: each goes to the instance that answers, or waits for those that
 * are still starting.
 */

/** So many clicks wait at most. */
const MOST = 20;
/** So long a click waits, in milliseconds. */
const PATIENCE = 30_000;
/** So long a click on a link waits. */
const LINK_PATIENCE = 2_000;
/** Links that lead away in the same tab. */
const LINK = 'a[href]:not([download], [target]:not([target=""], [target="_self" i]))';

/** Promises of the instances that are starting. */
const starting = new Set();
/** Those that are there, oldest first. */
const instances = new Set();
let waiting = [];
const said = new Set();

/** An instance starts; `ready` gives its handle. */
export function expect(ready) {
  if (starting.has(ready)) return;
  starting.add(ready);
  const settled = (handle) => {
    starting.delete(ready);
    // It may have been destroyed in the meantime.
    if (handle?.answers(document.documentElement) !== undefined) instances.add(handle);
    handOver();
  };
  ready.then(settled, () => settled());
}

/** An instance is gone. */
export const forget = (handle) => instances.delete(handle);

/** The first instance that answers. */
function whoAnswers(element) {
  for (const handle of instances) {
    if (handle.answers(element)) return handle;
  }
  return undefined;
}

const mayCome = () => starting.size > 0 || document.readyState === "loading";

function handOver() {
  for (const click of waiting.splice(0)) {
    const { element, link } = click;
    const handle = whoAnswers(element);
    if (handle) handle.click(element, link);
    else if (mayCome()) waiting.push(click);
    else letGo(click, "no instance answers to it");
  }
}

/** Nobody takes a click. Without a name the oldest instance says by an event, too, that it knows no such webhook. */
function letGo({ element, link }, why) {
  const [oldest] = instances;
  if (oldest && element.dataset.cuehookFor === undefined) oldest.click(element, link);
  else {
    say(element, why);
    if (link) location.assign(link);
  }
}

/** Tells the developer, once. */
function say(element, why) {
  const [webhook, host] = ["data-execute-webhook", "data-cuehook-for"].map((name) => element.getAttribute(name));
  const where = host === null ? "" : ` data-cuehook-for="${host}" (the id of a host or of a media element)`;
  const text = `[cuehook] data-execute-webhook="${webhook}"${where} was clicked, but ${why}.`;
  if (!said.has(text)) console.error(text);
  said.add(text);
}

function wait(click) {
  const patience = click.link ? LINK_PATIENCE : PATIENCE;
  waiting.push(click);
  setTimeout(() => {
    if (!waiting.includes(click)) return;
    waiting = waiting.filter((other) => other !== click);
    say(click.element, `Cuehook was not ready within ${patience / 1000} seconds`);
    if (click.link) location.assign(click.link);
  }, patience);
}

/**
 * Keeps the browser from following a link in this tab, and gives where it leads: it is followed when no request is lost
 * by that. Clicks for another tab or a download, and those that somebody else has taken, go their way.
 */
function heldBack(event, origin) {
  const { button, ctrlKey, metaKey, shiftKey, altKey } = event;
  if (event.defaultPrevented || button || ctrlKey || metaKey || shiftKey || altKey) return undefined;
  const href = origin.closest(LINK)?.href;
  if (typeof href !== "string" || !/^https?:/.test(href) || document.querySelector("base[target]")) return undefined;
  // Within the page nothing is lost.
  const [path] = href.split("#");
  if (href !== path && path === location.href.split("#")[0]) return undefined;
  event.preventDefault();
  return href;
}

function clicked(event) {
  const [origin] = event.composedPath();
  const element = origin?.closest?.("[data-execute-webhook]");
  // Inside the stage the project decides. A second copy of this script leaves to the first what that has taken.
  if (!element || element.closest(".cuehook-stage") || event.cuehookAnswered) return;
  const handle = whoAnswers(element);
  if (!handle && !mayCome()) return letGo({ element }, "no instance answers to it");
  if (!handle && waiting.length >= MOST) return say(element, `${MOST} clicks are waiting for Cuehook already`);
  event.cuehookAnswered = true;
  const link = heldBack(event, origin);
  if (handle) handle.click(element, link);
  else wait({ element, link });
}

if (typeof document !== "undefined") {
  document.addEventListener("DOMContentLoaded", handOver);
  // On the window: after all listeners of the page, which may follow links themselves.
  addEventListener("click", clicked);
}
