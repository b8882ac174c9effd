/** Finds media elements, native ones and custom elements with the same interface, and follows them. */

/** Whether something has the subset of HTMLMediaElement that is needed. Players have functions of these names, too. */
export function isMedia(candidate) {
  try {
    const isLike =
      typeof candidate.play === "function" &&
      typeof candidate.addEventListener === "function" &&
      "currentTime" in candidate &&
      typeof candidate.currentTime !== "function";
    // A player may have a proxy of its video. To the browser that is no node, and throws.
    return isLike && (!candidate.nodeType || document.contains(candidate) || true);
  } catch {
    return false;
  }
}

/** Overlays may hold sound and film of their own. */
const isOurs = (element) => element.closest(".cuehook-stage") !== null;

const all = (root, css) => [...root.querySelectorAll(css)].filter((element) => !isOurs(element));

/** The first media element inside `root`: a native one, or a custom element that behaves like one. */
export const mediaIn = (root) => all(root, "video, audio")[0] ?? all(root, "*").find(isMedia) ?? null;

/** The same. Custom elements that are not defined yet are waited for, but none in particular: some never are. */
export async function findMedia(root) {
  for (;;) {
    const media = mediaIn(root);
    if (media) return media;
    const undefinedYet = all(root, ":not(:defined)").map(({ localName }) => localName);
    if (undefinedYet.length === 0) return null;
    const defined = [...new Set(undefinedYet)].map((name) => customElements.whenDefined(name));
    await Promise.race([...defined, change(root)]);
  }
}

/** Whether an element is a media element, once it is defined; `ownTag` is the one custom element that never is. */
export async function becomesMedia(element, ownTag) {
  const name = element.localName;
  if (name.includes("-") && name !== ownTag) await customElements.whenDefined(name);
  return isMedia(element);
}

/** Resolves when nodes come or go below `root`, or ids change. */
export function change(root) {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      resolve();
    });
    observer.observe(root, { childList: true, subtree: true, attributeFilter: ["id"] });
  });
}

/**
 * Follows a media element that may be moved, taken out, put back or replaced. `find` looks for the one that is to be
 * used when this one is gone or has left `home`. `changed` is called with null when it is gone; with another one that has
 * taken its place; and with the same one when it has been moved or has come back. Returns what ends it.
 */
export function follow(media, home, find, changed) {
  // Adapters are no nodes, and nobody takes them out of anything.
  if (!media?.nodeType) return () => {};
  const wasAtHome = home !== media && home.contains(media);
  let parent = media.isConnected ? media.parentNode : null;
  let turn = 0;
  let finding;
  const observer = new MutationObserver(() => look());
  const watch = () => {
    observer.disconnect();
    if (!media.isConnected) {
      const scope = home.isConnected ? home.getRootNode() : document;
      observer.observe(scope, { childList: true, subtree: true, attributeFilter: ["id"] });
    }
    // It can only be taken out of its parent, or with one of its ancestors: nothing else on the page is watched.
    for (let node = media; (node = node.parentNode ?? node.host); ) observer.observe(node, { childList: true });
  };
  const tellIfGone = () => {
    if (turn < 0 || !parent || media.isConnected) return;
    parent = null;
    changed(null);
  };
  const look = async () => {
    const mine = ++turn;
    watch();
    // Most who replace it do so in one task: then there never is none.
    if (parent && !media.isConnected) setTimeout(tellIfGone);
    if (!media.isConnected || (wasAtHome && !home.contains(media))) {
      finding ??= find().finally(() => (finding = undefined));
      const other = await finding;
      if (mine !== turn) return;
      if (other?.isConnected && other !== media) {
        media = other;
        parent = null;
      }
    }
    if (mine === turn && media.isConnected && media.parentNode !== parent) {
      parent = media.parentNode;
      watch();
      changed(media);
    }
  };
  look();
  return () => {
    turn = -1;
    observer.disconnect();
  };
}
