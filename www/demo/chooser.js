/** The choice of stories: links, so that each story has an address of its own; the page need not be loaded for another. */

import { byId, drawing, h } from "./dom.js";
import { stories, storyOfPage } from "./stories.js";

/** Wires the choice; `chosen` is called with the story that the viewer wants. */
export function startChooser(chosen) {
  const links = stories.map((story) => {
    const link = h("a", { href: addressOf(story), "data-story": story.id },
      drawing(story.icon), h("b", null, story.name), h("span", null, story.title));
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (story === storyOfPage()) return;
      history.pushState(null, "", link.href);
      change();
    });
    return h("li", null, link);
  });
  byId("stories").replaceChildren(...links);
  const mark = () => {
    const current = storyOfPage();
    for (const link of byId("stories").querySelectorAll("a")) {
      if (link.dataset.story === current.id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = current === stories[0] ? TITLE : `${current.title} · ${TITLE}`;
    return current;
  };
  let shown = mark();
  const change = () => {
    shown = mark();
    chosen(shown);
  };
  addEventListener("popstate", () => {
    // Links to parts of the page are entries of the history, too.
    if (storyOfPage() !== shown) change();
  });
}

const TITLE = document.title;

/** The page's own address with another story; what else it says is kept. */
function addressOf(story) {
  const query = new URLSearchParams(location.search);
  query.set("story", story.id);
  return `?${query}`;
}
