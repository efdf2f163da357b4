/** A day and a time together, in any order: `tomorrow morning`, `at 9 on Friday`, `tonight at 8`. As `quick/when.py` of the server. */

import { WEEK } from "./calendar.ts";
import type { Day, Time, Today } from "./calendar.ts";
import { beginning, clock as readClock, EVENING, timeOf } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { day as readDay } from "./days.ts";
import type { Language, PartOfDay } from "./language.ts";
import { OPENING } from "./text.ts";
import type { Read, Text } from "./text.ts";

const DASHES: ReadonlySet<string> = new Set("-–—");
const CURRENCIES: ReadonlySet<string> = new Set("$€£¥%");
/** So many tokens before a number a word may say that it is an amount: `Pay the plumber 15.00`. */
const AMOUNT_FROM = 8;

/** What is said of a moment: a day, a part of the day, a time, or some of them. */
export interface When {
  day: Day | null;
  part: PartOfDay | null;
  clock: Clock | null;
  /** Whether the part is one of today: `this evening`. */
  isToday: boolean;
}

export const NOTHING: When = { day: null, part: null, clock: null, isToday: false };

export function isNothing({ day, part, clock, isToday }: When): boolean {
  return !day && !part && !clock && !isToday;
}

/** Both together; null if they contradict each other. */
export function both(one: When, other: When): When | null {
  const hasPart = one.part ?? other.part;
  const saysTime = [one.day, other.day].some((day) => day?.at !== undefined || day?.part !== undefined);
  if ((one.day && other.day) || (one.part && other.part) || (one.clock && other.clock) || (saysTime && hasPart)) return null;
  return {
    day: one.day ?? other.day,
    part: hasPart,
    clock: one.clock ?? other.clock,
    isToday: one.isToday || other.isToday,
  };
}

/** The time of the day; null for the whole day. */
export function timeAt(said: When): Time | null {
  const part = partAt(said);
  if (said.clock) return timeOf(said.clock, part);
  return part ? beginning(part) : (said.day?.at ?? null);
}

function partAt({ part, day }: When): PartOfDay | null {
  return part ?? day?.part ?? null;
}

export type Moment = readonly [date: number, time: Time | null];

/** The date and the time that are meant: the first ones that are not past. */
export function momentOf(said: When, today: Today): Moment {
  const at = timeAt(said);
  const isPast = at !== null && at < today.time;
  const { day } = said;
  if (!day) return [today.day + (isPast && !said.isToday ? 1 : 0), at];
  const date = day.isWeekday && day.date === today.day && isPast ? day.date + WEEK : day.date;
  // The night ends on the day after.
  const isNight = partAt(said) === "night" && at !== null && Number(at.slice(0, 2)) < EVENING;
  return [isNight ? date + 1 : date, at];
}

/** A moment in a text, up to a token. None of it counts if it belongs to the title: then it is passed over as a whole. */
export interface Found {
  when: When | null;
  end: number;
}

/** The moment that is said at this token. */
export function when(text: Text, index: number, words: Language, today: Today): Found | null {
  const [found, end] = together(text, index, words, today);
  if (end === index) return null;
  const last = found.day && endOfRange(text, end, words, today);
  if (last !== null) return { when: null, end: last };
  return { when: isMoment(text, index, end, found, words) ? found : null, end };
}

/** All that is said of one moment from this token on, and the token after it; the same token if nothing is. */
export function together(text: Text, index: number, words: Language, today: Today): Read<When> {
  let [found, end] = [NOTHING, index];
  for (;;) {
    const start = end > index && text.at(end).key === "," ? end + 1 : end;
    // "am Morgen" is no day, though "morgen" is one.
    const step =
      partStep(text, start, words, found) ??
      dayStep(text, start, words, today, found) ??
      clockStep(text, start, words, today, found, end === index);
    if (!step || !text.ends(step[1])) return [found, end];
    [found, end] = step;
  }
}

function dayStep(text: Text, index: number, words: Language, today: Today, before: When): Read<When> | null {
  if (before.day) return null;
  const said = text.word(words.on, index);
  // "by the end of", "in the morning": the article may belong to what follows.
  const found = readDay(text, said?.[1] ?? index, words, today) ?? (said && readDay(text, index, words, today));
  if (!found) return null;
  const [day, end] = found;
  const isSure = said?.[0] === "on";
  if (day.needsOn && !isSure && !standsAlone(text, end, said !== null)) return null;
  return [{ ...before, day: { ...day, isBare: day.isBare === true && !isSure } }, end];
}

/** Whether a day in numbers is one without `on`: at the end, `the 15th` and `12/24`; `12/24` before a time, too. */
function standsAlone(text: Text, end: number, isThe: boolean): boolean {
  const [last, before] = [text.at(end - 1), text.at(end - 2)];
  if (last.kind === "number" && before.key === "/") return text.isLast(end) || text.at(end).kind === "number";
  return isThe && (last.kind === "number" || before.kind === "number") && text.isLast(end);
}

function partStep(text: Text, index: number, words: Language, before: When): Read<When> | null {
  if (before.part) return null;
  const adverb = text.word(words.adverbialParts, index);
  if (adverb) return [{ ...before, part: adverb[0] }, adverb[1]];
  const said = text.word(words.inThe, index);
  const found = text.word(words.parts, said?.[1] ?? index);
  if (!found || (!said && !before.day)) return null;
  return [{ ...before, part: found[0], isToday: said?.[0] ?? false }, found[1]];
}

function clockStep(text: Text, index: number, words: Language, today: Today, before: When, isFirst: boolean): Read<When> | null {
  if (before.clock || before.day?.at !== undefined) return null;
  const isAt = text.at(index).key === "@" && text.at(index + 1).isSpaced;
  const said = isAt ? (["at", index + 1] as const) : text.word(words.at, index);
  const found = readClock(text, said?.[1] ?? index, words);
  if (!found) return null;
  const [clock, end] = found;
  if (clock.isBare && (!said || !isHour(text, end, words, said[0] !== "at"))) return null;
  const isSure = clock.needs === "nothing" || (said && said[0] !== "for");
  if (!isSure && (said || !isTime(text, index, end, words, today, clock, before))) return null;
  const isDoubtful = !said && isFirst && text.word(words.clockWords, index);
  if (isDoubtful && !text.isLast(end) && !dayStep(text, end, words, today, before)) return null;
  return [{ ...before, clock }, end];
}

/** Whether what could be a price or a length is a time, without `at` before it. */
function isTime(text: Text, index: number, end: number, words: Language, today: Today, clock: Clock, before: When): boolean {
  const { key } = text.at(end);
  if (clock.needs === "at" || words.counted.has(key) || CURRENCIES.has(key)) return false;
  return !isNothing(before) || (clock.needs === "place" && hasPlace(text, index, end, words, today));
}

/** Whether it is at the beginning, at the end or before a day, and no word of the line makes an amount of it. */
function hasPlace(text: Text, index: number, end: number, words: Language, today: Today): boolean {
  const amounts = text.at(index + 1).key === "h" ? words.lengths : words.amounts;
  const following = text.at(end);
  if (index === 0) {
    const isGoverning = text.word(words.for, end) ?? text.word(words.until, end);
    const isPart = [words.blocking, words.articles, amounts].some((some) => some.has(following.key));
    return following.kind === "word" && !isGoverning && !isPart;
  }
  const last = text.at(index - 1);
  const isGoverned = text.word(words.at, index - 1) ?? text.word(words.for, index - 1);
  const isSign = last.kind === "sign" && (!OPENING.has(last.key) || DASHES.has(last.key));
  if (isGoverned || last.kind === "number" || isSign) return false;
  for (let each = Math.max(0, index - AMOUNT_FROM); each < index; each++) if (amounts.has(text.at(each).key)) return false;
  const day = following.key === "," ? end + 1 : end;
  return text.isLast(end) || dayStep(text, day, words, today, NOTHING) !== null;
}

/** Whether a number behind `at` is an hour, and not that of a house. */
function isHour(text: Text, end: number, words: Language, isBy: boolean): boolean {
  const { key } = text.at(end);
  if (words.counted.has(key) || (isBy && !text.isLast(end))) return false;
  return !(words.isCapitalising && text.isCapitalised(end)) || words.starters.has(key);
}

/** Whether it is not rather a part of the title. */
function isMoment(text: Text, index: number, end: number, found: When, words: Language): boolean {
  if (words.blocking.has(wordBefore(text, index)) || isEndOfRange(text, index, words)) return false;
  return !found.day?.isBare || isWeekday(text, index, end, found, words);
}

function wordBefore(text: Text, index: number): string {
  return text.at(index).isSpaced ? text.before(index) : "";
}

/** Whether the name of a weekday is one, and not a part of another name. */
function isWeekday(text: Text, index: number, end: number, found: When, words: Language): boolean {
  const before = wordBefore(text, index);
  if (words.articles.has(before) || words.beforeNames.has(before) || words.articles.has(text.at(index).key)) return false;
  const following = text.at(end);
  if (found.clock || (index === 0 && words.beginnings.has(following.key))) return true;
  const isWord = words.isCapitalising || text.isCapitalised(end - 1);
  if (found.day?.isShort && !found.part && !(text.isLast(end) && isWord)) return false;
  if (following.kind !== "word" || !following.isSpaced) return true;
  const isName = words.isCapitalising && text.isCapitalised(end);
  return !isName && !words.afterWeekdays.has(following.key);
}

/** The token after `bis Freitag`, if that is here: with the day before it, it says how long something is. */
function endOfRange(text: Text, index: number, words: Language, today: Today): number | null {
  const until = text.word(words.until, index);
  const found = until && together(text, until[1], words, today);
  return found?.[0].day ? found[1] : null;
}

/** Whether it is the second time of two: `9 bis 11 Uhr`, `3. bis 5. Mai`, `3.-5. Mai`. */
function isEndOfRange(text: Text, index: number, words: Language): boolean {
  const isDash = index > 0 && DASHES.has(text.at(index - 1).key) && !text.at(index).isSpaced;
  if (!isDash && !text.word(words.until, index)) return false;
  const before = isDash ? index - 2 : index - 1;
  const last = before > 0 && text.isGlued(before, ".") ? before - 1 : before;
  return last >= 0 && text.at(last).kind === "number";
}
