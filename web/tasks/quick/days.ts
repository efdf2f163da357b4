/** Days: `tomorrow`, `next Friday`, `this weekend`, `end of the month`, and all that other rooms know of them. As `quick/days.py` of the server. */

import { MAX_YEAR, modulo, monthsLater, numberOf, partsOf } from "../../sync/dates.ts";
import { away, duration } from "./amounts.ts";
import {
  LONGEST_MONTH,
  MIN_YEAR,
  monthFrom,
  MONTHS,
  MOST_OF_A_WEEKDAY,
  nextWeekday,
  ofMonth,
  SATURDAY,
  WEEK,
  weekFrom,
  WORKDAYS,
} from "./calendar.ts";
import type { Day, Today } from "./calendar.ts";
import { dayOfMonth, inDigits, iso, monthThenDay, numbered, ordinal } from "./dated.ts";
import type { Reader } from "./dated.ts";
import type { Language, Unit } from "./language.ts";
import type { Read, Text } from "./text.ts";

const OF_A_NUMBER: readonly Reader[] = [iso, inDigits, dayOfMonth, nth, away, numbered];
const OF_A_WORD: readonly Reader[] = [relative, weekday, week, endOf, monthThenDay, nth, away, numbered];

/** The day that is said here. */
export function day(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  for (const reader of text.at(index).kind === "number" ? OF_A_NUMBER : OF_A_WORD) {
    const found = reader(text, index, words, today);
    const year = found && partsOf(found[0].date).year;
    if (year !== null && year >= MIN_YEAR && year <= MAX_YEAR) return found;
  }
  return null;
}

function relative(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const night = text.word(words.tonight, index);
  if (night) return [{ date: today.day, part: night[0] }, night[1]];
  const found = text.word(words.days, index);
  if (!found) return null;
  // "heute in einer Woche"
  const further = found[0] === 0 && text.word(words.in, found[1]) ? away(text, found[1], words, today) : null;
  const date = today.day + found[0];
  return further ?? weeksLater(text, found[1], words, date) ?? [{ date }, found[1]];
}

/** The day so many weeks after that day: `in einer Woche`, `in 14 Tagen` behind it. */
function weeksLater(text: Text, index: number, words: Language, date: number): Read<Day> | null {
  const said = text.word(words.in, index);
  const found = said && duration(text, said[1], words);
  if (!found || !text.ends(found[1])) return null;
  const [[number, unit], following] = found;
  const days = unit === "week" ? number * WEEK : number;
  return (unit === "day" || unit === "week") && days % WEEK === 0 ? [{ date: date + days }, following] : null;
}

/** `Friday`, `next Friday`, `Fri 4 Dec`, `Friday next week`, `Freitagabend`. */
function weekday(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const withPart = text.word(words.weekdayParts, index);
  if (withPart) {
    const [[number, part], following] = withPart;
    return [{ date: nextWeekday(today.day, number), part, isWeekday: true }, following];
  }
  const coming = text.word(words.this, index);
  const next = coming ? null : text.word(words.next, index);
  const start = (coming ?? next)?.[1] ?? index;
  const full = text.word(words.weekdays, start);
  const found = full ?? text.word(words.shortWeekdays, start);
  if (!found) return null;
  const [number, end] = found;
  const following = !full && text.isGlued(end, ".") && !text.isLast(end) ? end + 1 : end; // Mon. 9am
  if (next) return [{ date: inWeek(today, number, 1) }, following];
  const date = nextWeekday(today.day, number);
  const exact = coming ? null : exactly(text, following, words, today, number);
  return exact ?? [{ date, isWeekday: true, isShort: !full, isBare: !coming }, following];
}

/** `4 Dec`, `in einer Woche` or `next week` behind the name of a weekday. */
function exactly(text: Text, index: number, words: Language, today: Today, number: number): Read<Day> | null {
  const exact = dateBehind(text, index, words, today) ?? weeksLater(text, index, words, nextWeekday(today.day, number));
  if (exact) return exact;
  const next = text.word(words.next, text.skip(words.on, index));
  const unit = next && text.word(words.units, next[1]);
  return unit?.[0] === "week" ? [{ date: inWeek(today, number, 1) }, unit[1]] : null;
}

/** `4 Dec` behind `Friday`: the date says more. */
function dateBehind(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const comma = [",", "."].includes(text.at(index).key) ? index + 1 : index;
  const article = text.word(words.on, comma);
  for (const reader of [iso, inDigits, dayOfMonth, monthThenDay, ...(article ? [numbered] : [])]) {
    const found = reader(text, article?.[1] ?? comma, words, today);
    if (found) return [{ ...found[0], needsOn: false }, found[1]];
  }
  return null;
}

function inWeek(today: Today, number: number, weeks: number): number {
  return nextWeekday(weekFrom(today, weeks), number);
}

/** `next week`, `next week Tuesday`, `next month`, `next year`, `this weekend`, `weekend`. */
function week(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const [coming, said] = [text.word(words.this, index), text.word(words.next, index)];
  const next = coming ? null : said;
  const start = (coming ?? next)?.[1] ?? index;
  const weekend = text.word(words.weekend, start);
  if (weekend) {
    const saturday = next ? inWeek(today, SATURDAY, 1) : nextWeekday(today.day, SATURDAY);
    return [{ date: saturday, needsOn: !coming && !next }, weekend[1]];
  }
  const unit = next && text.word(words.units, start);
  if (!unit || unit[0] === "day") return null;
  if (unit[0] === "week") {
    const named = text.word(words.weekdays, words.plainOn.has(text.at(unit[1]).key) ? unit[1] + 1 : unit[1]);
    return named ? [{ date: inWeek(today, named[0], 1) }, named[1]] : [{ date: weekFrom(today, 1) }, unit[1]];
  }
  const date = unit[0] === "month" ? monthFrom(today.day, 1) : numberOf({ year: partsOf(today.day).year + 1, month: 1, day: 1 });
  return date === null ? null : [{ date }, unit[1]];
}

/** `end of the month`, `end of next week`, `Monatsende`. */
function endOf(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const short = text.word(words.ends, index);
  if (short) return lastOf(today, short[0], 0, short[1]);
  const said = text.word(words.endOf, index);
  if (!said) return null;
  const next = text.word(words.next, said[1]);
  const chosen = next ?? text.word(words.this, said[1]);
  const unit = text.word(words.units, chosen?.[1] ?? said[1]);
  if (unit) return lastOf(today, unit[0], next ? 1 : 0, unit[1]);
  const month = text.word(words.months, said[1]);
  if (month) {
    const months = modulo(month[0] - partsOf(today.day).month, MONTHS);
    return dayIf(monthsLater(today.day, months, LONGEST_MONTH), month[1]);
  }
  return chosen ? null : relative(text, said[1], words, today);
}

function dayIf(date: number | null, following: number): Read<Day> | null {
  return date === null ? null : [{ date }, following];
}

function lastOf(today: Today, unit: Unit, more: number, following: number): Read<Day> | null {
  switch (unit) {
    case "day":
      return [{ date: today.day + more }, following];
    case "week":
      return [{ date: weekFrom(today, more) + WEEK - 1 }, following];
    case "month":
      return dayIf(monthsLater(today.day, more, LONGEST_MONTH), following);
    case "year":
      return [{ date: numberOf({ year: partsOf(today.day).year + more, month: 12, day: 31 }) }, following];
  }
}

/** `last Friday of the month`, `first Monday of next month`, `first Monday of December`. */
function nth(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const number = ordinal(text, index, words);
  if (!number) return null;
  const named = text.word(words.weekdays, number[1]);
  const workday = text.word(words.workday, number[1]);
  const weekdays = named && number[0] <= MOST_OF_A_WEEKDAY ? [named[0]] : workday && WORKDAYS;
  if (!weekdays) return ofAMonth(text, number[0], number[1], words, today);
  const behind = weekdays === WORKDAYS ? workday : named;
  const [months, following] = monthsAt(text, behind?.[1] ?? index, words, today);
  for (const each of months) {
    const first = monthFrom(today.day, each);
    const date = first === null ? null : ofMonth(first, weekdays, number[0]);
    if (date !== null && date >= today.day) return [{ date }, following];
  }
  return null;
}

/** `of the month`, `of next month` behind `first`, `15th`: the next such day, or that of the next month. */
function ofAMonth(text: Text, number: number, index: number, words: Language, today: Today): Read<Day> | null {
  const [months, following] = monthsAt(text, index, words, today);
  if (text.word(words.months, text.skip(words.of, index))) return null;
  for (const each of months) {
    const first = monthFrom(today.day, each);
    const date = first === null ? null : monthsLater(first, 0, number < 0 ? LONGEST_MONTH : number);
    if (date !== null && date >= today.day && (number === -1 || number === partsOf(date).day)) return [{ date }, following];
  }
  return null;
}

/** `of the month`, `of next month`, `of May`: the months by their distance from this one. None, if nothing of the kind is said. */
function monthsAt(text: Text, index: number, words: Language, today: Today): Read<readonly number[]> {
  const ofTheMonth = text.word(words.ofTheMonth, index);
  if (ofTheMonth) return [[0, 1], ofTheMonth[1]];
  const start = text.skip(words.of, index);
  const named = text.word(words.months, start);
  if (named) {
    const distance = modulo(named[0] - partsOf(today.day).month, MONTHS);
    return [[distance, distance + MONTHS], named[1]];
  }
  const next = text.word(words.next, start);
  const unit = next && text.word(words.units, next[1]);
  return unit?.[0] === "month" ? [[1], unit[1]] : [[], index];
}
