/** Finds media elements: native ones, and custom elements with the same interface. */

/** Whether something has the subset of HTMLMediaElement that is needed. */
const isMedia = (candidate) => typeof candidate?.play === "function" && "currentTime" in candidate;

/**
 * The first media element inside `root`: a native one, or a custom element that behaves like one. Custom elements that
 * are not defined yet are waited for, but none in particular: some never are.
 */
export async function findMedia(root) {
  for (;;) {
    const media = root.querySelector("video, audio") ?? [...root.querySelectorAll("*")].find(isMedia);
    if (media) return media;
    const undefinedYet = [...root.querySelectorAll(":not(:defined)")].map(({ localName }) => localName);
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

/** Resolves when nodes come or go below `root`. */
export function change(root) {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      resolve();
    });
    observer.observe(root, { childList: true, subtree: true });
  });
}
