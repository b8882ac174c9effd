/** Template and sample as the hash of an address, and back. */

/** Browsers and messengers cut longer addresses. */
const LONGEST = 16_000;

/** The hash, or null if it would be too long. */
export function toHash({ source, sample }) {
  const bytes = new TextEncoder().encode(JSON.stringify({ source, sample }));
  if (bytes.length > LONGEST) return null;
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const text = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return text.length > LONGEST ? null : `#${text}`;
}

/** What a hash holds, or null if it holds nothing of ours. */
export function fromHash(hash) {
  const text = hash.slice(1);
  if (!text || text.length > LONGEST || !/^[\w-]+$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const { source, sample } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof source === "string" && typeof sample === "string" ? { source, sample } : null;
  } catch {
    return null;
  }
}
