// Numbers, amounts, dates and letter case as the browser writes them, which knows all countries: `{ text, isPrepared }`, with
// no text if it does not know the locale or the currency. `isPrepared`: a formatter had to be made for it.

/** Making a formatter takes a browser 10 to 50 µs, using it less than one. A page needs few. */
const KEPT = 32;
/** Formatters by what they are for, the oldest first; none where the browser refused. */
const formatters = new Map();
/** How many were made. */
let made = 0;

export const writeCase = (text, isUpper) => ({
  text: isUpper ? text.toUpperCase() : text.toLowerCase(),
  isPrepared: false,
});

/** With so many digits after the point, or as many as are usual. */
export const writeNumber = (value, digits, locale) =>
  write("NumberFormat", { minimumFractionDigits: digits, maximumFractionDigits: digits }, locale, value);

export const writeCurrency = (value, currency, locale) =>
  write("NumberFormat", { style: "currency", currency }, locale, value);

/** `style` is one of `Intl`'s, or `time` or `datetime`. */
export function writeDate(value, style, isUtc, locale) {
  const timeStyle = style.endsWith("time") ? "short" : undefined;
  const dateStyle = style === "datetime" ? "medium" : timeStyle ? undefined : style;
  return write("DateTimeFormat", { dateStyle, timeStyle, timeZone: isUtc ? "UTC" : undefined }, locale, value);
}

function write(kind, options, locale, value) {
  const before = made;
  let text;
  // Pages put functions of their own in the place of any of these.
  try {
    const page = document.documentElement?.getAttribute("lang") ?? "";
    let formatter = prepared(kind, options, locale ?? page);
    if (!formatter && locale === undefined) {
      // A page may say nonsense, or the language of its author's text editor.
      formatter = prepared(kind, options, "");
    }
    text = String(formatter.format(value));
  } catch {}
  return { text, isPrepared: made > before };
}

/** The formatter from the store, or a new one. An empty language is the browser's. */
function prepared(kind, options, language) {
  const key = JSON.stringify([kind, options, language]);
  if (!formatters.has(key)) {
    made += 1;
    let formatter;
    try {
      formatter = new Intl[kind](language || [], options);
    } catch {}
    if (formatters.size >= KEPT) {
      formatters.delete(formatters.keys().next().value);
    }
    formatters.set(key, formatter);
  }
  return formatters.get(key);
}
