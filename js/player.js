/** What `attach` is given: a media element, an element that holds one, an adapter, or the object of a player. */

import { failure } from "./errors.js";
import { findMedia, isMedia, mediaIn } from "./media.js";

/** Where players keep their media element, or what holds it; an adapter has `media`. Tried in this order. */
const PARTS = [
  // MediaElement.js: its `media` is no real element.
  (player) => player.node,
  (player) => player.media,
  (player) => player.video,
  // Shaka Player and its UI, dash.js, OpenPlayerJS, video.js, Clappr.
  (player) => player.getMediaElement(),
  (player) => player.getControls().getLocalVideo(),
  (player) => player.getVideoElement(),
  (player) => player.getElement(),
  (player) => player.el(),
  (player) => player.core.el,
];

/**
 * The media element that is meant, with the roles that an adapter gives. An element may hold custom elements that are not
 * defined yet: they are waited for.
 */
export async function rolesOf(given) {
  if (given instanceof Element) {
    const media = isMedia(given) ? given : await findMedia(given).catch(() => null);
    if (media) return { media };
  }
  for (const part of PARTS) {
    let media;
    try {
      const found = part(given);
      media = isMedia(found) ? found : found instanceof Element && mediaIn(found);
    } catch {
      // Another player.
    }
    if (!media) continue;
    return {
      media,
      get picture() {
        return given.picture;
      },
      mount: given.mount?.bind(given),
      onReplace: given.onReplace?.bind(given),
    };
  }
  if (isMedia(given)) return { media: given };
  throw failure(
    "config-invalid",
    "There is no media element in what was given to attach(): pass a <video>, a custom element like it, an element that " +
      "holds one, a known player (docs/players.md), or an adapter { media, picture, mount, onReplace }.",
  );
}
