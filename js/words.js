/** What Cuehook itself says, in the language of the page. English is in the module. */

/** Addresses are written out, so that bundlers find the files. */
const translations = {
  ar: () => import("./words/ar.js"),
  de: () => import("./words/de.js"),
  es: () => import("./words/es.js"),
  fr: () => import("./words/fr.js"),
  ja: () => import("./words/ja.js"),
};

/** So long a translation may take, in milliseconds: nothing is worth waiting for it for ever. */
const PATIENCE = 5_000;

const warned = new Set();

/** The language of what is inside an element, such as `de`; empty if the page does not say. */
function languageOf(element) {
  for (let node = element; node; node = node.getRootNode().host) {
    const found = node.closest("[lang]");
    if (found) return primary(found.getAttribute("lang"));
  }
  return primary(document.documentElement.lang);
}

const primary = (tag) => tag.trim().split(/[-_]/)[0].toLowerCase();

/** The translation for what lies in `element`, as JSON text; undefined for English, also if the translation does not come. */
export async function wordsFor(element) {
  const language = languageOf(element);
  if (!Object.hasOwn(translations, language)) return undefined;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not there within ${PATIENCE / 1000} seconds`)), PATIENCE);
  });
  try {
    return JSON.stringify((await Promise.race([translations[language](), late])).default);
  } catch (cause) {
    if (!warned.has(language)) {
      warned.add(language);
      console.warn(`[cuehook] The translation "${language}" could not be loaded, so the texts are in English: ${cause?.message}`);
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
