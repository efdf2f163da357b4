/** What can stand behind the sign at which one is typing. */

import { fold } from "../parts/fold.ts";

export interface Asked {
  sign: "#" | "/" | "@";
  /** What is typed behind the sign. */
  name: string;
  /** Where the sign is. */
  start: number;
}

const MOST = 6;

/** What is being typed right before the caret: `#gro`, `@"two wo`. Null: nothing that can be completed. */
export function askedAt(text: string, caret: number): Asked | null {
  const found = /(^|[\s([{])([#/@])("[^"]*|[^\s"]*)$/u.exec(text.slice(0, caret));
  if (!found) return null;
  const [whole, before = "", sign = "", typed = ""] = found;
  return { sign: sign as Asked["sign"], name: typed.replace(/^"/, ""), start: caret - whole.length + before.length };
}

/** The names that have it, those that begin with it first. None where it is one of them as it stands. */
export function matching(names: readonly string[], name: string): string[] {
  const wanted = fold(name);
  if (names.some((each) => fold(each) === wanted)) return [];
  const found = names.filter((each) => fold(each).includes(wanted));
  const begins = (each: string) => (fold(each).startsWith(wanted) ? 0 : 1);
  return found.toSorted((a, b) => begins(a) - begins(b)).slice(0, MOST);
}

/** The text with the name in place of what was typed, and where the caret is then. */
export function completed(text: string, caret: number, { sign, start }: Asked, name: string): { text: string; caret: number } {
  // In quotes, anything is one name.
  const written = /^[\p{L}\p{N}_-]+$/u.test(name) ? name : `"${name}"`;
  const rest = text.slice(caret).replace(/^"?\s?/, "");
  const before = `${text.slice(0, start)}${sign}${written} `;
  return { text: before + rest, caret: before.length };
}
