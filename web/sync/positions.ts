/**
 * Positions as the server makes them, so that a thing stands at once where it was moved to; its answer replaces them. They are
 * ASCII, of which JavaScript's `<` is the order of the bytes.
 */

const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LOWEST = "-";
const WIDTH = 12;

/** Behind everything that was placed at an earlier revision. */
export function last(revision: number): string {
  return String(revision).padStart(WIDTH, "0");
}

/** Before everything that was placed at an earlier revision. */
export function first(revision: number): string {
  return LOWEST + last(10 ** WIDTH - 1 - revision);
}

/** A key behind `low` and before `high`, which are two keys in this order. */
export function between(low: string, high: string): string {
  let common = 0;
  while (common < high.length && (low[common] ?? LOWEST) === high[common]) common++;
  return high.slice(0, common) + fraction(low.slice(common), high.slice(common));
}

/**
 * A key directly before or behind a thing at `here`. `others` are the positions, in any order, of those among which it comes to
 * stand, without its own: of a task, the open ones of the list, whatever their parents are. The server shortens a long key.
 */
export function beside(others: Iterable<string>, here: string, side: "before" | "after", revision: number): string {
  let next: string | undefined;
  for (const each of others) {
    if (side === "before" ? each < here && (next === undefined || each > next) : each > here && (next === undefined || each < next)) {
      next = each;
    }
  }
  if (side === "before") return next === undefined ? first(revision) : between(next, here);
  return next === undefined ? last(revision) : between(here, next);
}

/** Below 0, 0 or above, as sorting wants it. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first digits differ; beyond its end, a number has the lowest digit for ever. */
function fraction(low: string, high: string): string {
  const least = low ? DIGITS.indexOf(low.charAt(0)) : 0;
  const most = high ? DIGITS.indexOf(high.charAt(0)) : DIGITS.length;
  if (most - least > 1) return DIGITS.charAt((least + most + 1) >> 1);
  if (high.length > 1) return high.charAt(0);
  return DIGITS.charAt(least) + fraction(low.slice(1), "");
}
