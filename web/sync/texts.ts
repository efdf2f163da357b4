/** Texts as Python has them, so that the server and the screen agree on every character. */

/** White space as `str.isspace` has it, to be put into a class of a regular expression. JavaScript's `\s` is another set. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const AROUND = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const NO_ASCII = /[^\0-\x7f]/;

export function isAscii(text: string): boolean {
  return !NO_ASCII.test(text);
}

export function strip(text: string): string {
  return text.replace(AROUND, "");
}

/** The number of code points, which is how the server counts characters. */
export function lengthOf(text: string): number {
  if (isAscii(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Unicode's full case folding. Upper case takes ligatures and ß apart, the lower case before it is for ẞ. Only the dotless ı is not
 * to become an i by that, and which of the two sigmas comes out depends on what is around it.
 */
export function casefold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text
    .split("ı")
    .map((each) => each.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ"))
    .join("ı");
}

/** What names of one tag, list or section have in common: Unicode's canonical caseless matching. */
export function keyOf(name: string): string {
  return isAscii(name) ? name.toLowerCase() : casefold(name.normalize("NFD")).normalize("NFC");
}
