/** A URL that may be relative to the page as an absolute one; nothing if it is no URL. */
export function resolve(url) {
  try {
    return new URL(url, document.baseURI).href;
  } catch {}
}
