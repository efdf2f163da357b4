/** Days by their numbers: `Dec 20`, `20th of December 2027`, `24.12.`, `12/24`, `2027-05-31`, `the 15th`. As `quick/dated.py` of the server. */

import { MAX_YEAR, partsOf } from "../../sync/dates.ts";
import { dateOf, LONGEST_MONTH, MIN_YEAR, monthFrom, MONTHS } from "./calendar.ts";
import type { Day, Today } from "./calendar.ts";
import type { Language } from "./language.ts";
import type { Read, Text } from "./text.ts";

const CENTURY = 2000;

export type Reader = (text: Text, index: number, words: Language, today: Today) => Read<Day> | null;

/** `June 14`, `the 14th of June`, `14. Juni`. */
export function monthAndDay(text: Text, index: number, words: Language): Read<{ month: number; day: number }> | null {
  const first = text.word(words.months, index);
  if (first) {
    const following = text.isGlued(first[1], ".") ? first[1] + 1 : first[1]; // Dec. 4
    const number = ordinal(text, text.skip(words.on, following), words, true);
    return number && !words.counted.has(text.at(number[1]).key) ? [{ month: first[0], day: number[0] }, number[1]] : null;
  }
  const number = ordinal(text, index, words, true);
  const month = number && text.word(words.months, text.skip(words.of, number[1]));
  return number && month && [{ month: month[0], day: number[0] }, month[1]];
}

/** `15th`, `15.`, `first`, `last` (-1), or `15` too: the number from 1 to 31. */
export function ordinal(text: Text, index: number, words: Language, isBare = false): Read<number> | null {
  const spelled = text.word(words.ordinals, index);
  if (spelled) return spelled;
  const number = text.number(index, 2);
  if (number === null || number < 1 || number > LONGEST_MONTH) return null;
  const following = index + 1;
  const { key, isSpaced } = text.at(following);
  if (words.ordinalEndings.has(key) && !isSpaced) return mayFollow(text, following + 1) ? [number, following + 1] : null;
  const hasDot = (words.hasOrdinalDot || isBare) && text.isGlued(following, ".") && text.at(following + 1).isSpaced;
  if (hasDot) return [number, following + 1];
  return isBare && mayFollow(text, following) ? [number, following] : null;
}

function mayFollow(text: Text, index: number): boolean {
  return text.ends(index) || text.isGlued(index, ",") || text.isGlued(index, "/");
}

/** `Dec 20`, `December 20th, 2027`. */
export function monthThenDay(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  return text.word(words.months, index) && dayOfMonth(text, index, words, today);
}

/** `20 December`, `20th of Dec 2027`. */
export function dayOfMonth(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const found = monthAndDay(text, index, words);
  if (!found) return null;
  const [{ month, day }, following] = found;
  const comma = text.at(following).key === "," ? following + 1 : following;
  const year = text.at(comma).isSpaced ? yearAt(text, comma) : null;
  return year === null ? dayIf(coming(today, month, day), following) : dayIf(dateOf(year, month, day), comma + 1);
}

function dayIf(date: number | null, following: number, needsOn = false): Read<Day> | null {
  return date === null ? null : [{ date, needsOn }, following];
}

function yearAt(text: Text, index: number): number | null {
  const year = text.number(index);
  return year !== null && year >= MIN_YEAR && year <= MAX_YEAR && text.ends(index + 1) ? year : null;
}

/** The next one of this day, today among them. For 29 February that may be years from now. */
function coming({ day: today }: Today, month: number, day: number): number | null {
  const { year: first } = partsOf(today);
  for (let year = first; year < first + 9; year++) {
    const found = dateOf(year, month, day);
    if (found !== null && found >= today) return found;
  }
  return null;
}

/** `2027-05-31`. */
export function iso(text: Text, index: number): Read<Day> | null {
  const [year, month, day] = [text.number(index), text.number(index + 2, 2), text.number(index + 4, 2)];
  if (year === null || month === null || day === null) return null;
  if (!areGlued(text, index + 1, "-", 4) || text.length(index) !== "YYYY".length) return null;
  return dayIf(dateOf(year, month, day), index + 5);
}

/** Whether these tokens have no white space before them, and each other one is this sign. */
function areGlued(text: Text, index: number, sign: string, tokens: number): boolean {
  for (let place = 0; place < tokens; place++) {
    const { key, kind, isSpaced } = text.at(index + place);
    if (isSpaced || kind === "stop" || (place % 2 === 0 && key !== sign)) return false;
  }
  return true;
}

/** `12/24`, `12/24/2027`, `24.12.`, `24.12.2026`. */
export function inDigits(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const [first, second] = [text.number(index, 2), text.number(index + 2, 2)];
  const sign = text.at(index + 1).key;
  if (first === null || second === null || (sign !== "/" && sign !== ".") || !areGlued(text, index + 1, sign, 2)) return null;
  const isBoth = Math.max(first, second) <= MONTHS;
  const isMonthFirst = sign === "/" && (isBoth ? words.isMonthFirst : second > MONTHS);
  const [month, day] = isMonthFirst ? [first, second] : [second, first];
  const following = index + 3;
  // Without its second dot it may be a time or a price, and a fraction with a slash; 24/7 is always.
  if (!text.isGlued(following, sign)) {
    return first === 24 && second === 7 ? null : dayIf(coming(today, month, day), following, true);
  }
  const year = text.number(following + 1);
  if (year === null || text.at(following + 1).isSpaced) {
    return sign === "." ? dayIf(coming(today, month, day), following + 1) : null;
  }
  const length = text.length(following + 1);
  if (length !== "YY".length && length !== "YYYY".length) return null;
  return dayIf(dateOf(length === "YY".length ? CENTURY + year : year, month, day), following + 2);
}

/** `15th`, `15.`: the next one, in a month that has it. */
export function numbered(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  if (text.word(words.ordinals, index)) return null;
  const found = ordinal(text, index, words);
  if (!found || words.counted.has(text.at(found[1]).key)) return null;
  for (let months = 0; months < MONTHS; months++) {
    const first = monthFrom(today.day, months);
    const { year, month } = partsOf(first ?? 0);
    const date = first === null ? null : dateOf(year, month, found[0]);
    if (date !== null && date >= today.day) return dayIf(date, found[1], true);
  }
  return null;
}
