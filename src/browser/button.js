// What people call an element.

/** `aria-label`, its text, its `title`: the first that has any, at most so many characters of it, with single blanks. */
export function labelOf(element, most) {
  const named = (name) => element.getAttribute(name);
  for (const text of [named("aria-label"), element.textContent, named("value"), named("title")]) {
    const words = text?.trim().replace(/\s+/g, " ");
    if (words) {
      return [...words].slice(0, most).join("");
    }
  }
  return "";
}
