/**
 * The dates of a rule, by jumps of days, weeks, months or years, as the server finds them
 * (`src/doable/tasks/recurrence/occurrences.py`). Sets of a month are made once for each form of a month, and there are 28 of
 * these, 14 of years; nothing is searched for longer than 500 months or 100 years: so no rule takes long.
 */

import { LAST_DAY, lengthOfMonth, MAX_YEAR, modulo, monthsLater, numberOf, partsOf, toDay, toNumber, weekdayOf } from "./dates.ts";
import type { Day } from "./dates.ts";
import { counting } from "./rules.ts";
import type { Rule } from "./rules.ts";

/** The next date of a rule, and the rule as it goes on from there. */
export interface Next {
  date: Day;
  rule: Rule;
}

/** The number of the first day of a day, week, month or year, and which of its days are dates of the rule, from 0. */
type Period = readonly [start: number, offsets: readonly number[]];

const END = toNumber(LAST_DAY);
const WEEK = 7;
const YEAR = 12;

/** Whether the rule has a date after its first, COUNT and UNTIL aside: the server takes no other. */
export function goesOn(rule: Rule, anchor: Day, fromCompletion: boolean): boolean {
  const first = toNumber(anchor);
  const found = fromCompletion ? step(rule, first) : firstOf(dates(rule, first, first));
  return found !== null && found <= horizon(rule, first);
}

/** The dates behind this day and the anchor, in order, as far as they are searched; COUNT and UNTIL aside. */
export function* datesOf(rule: Rule, anchor: Day, after: Day): Generator<Day> {
  for (const found of dates(rule, toNumber(anchor), toNumber(after))) yield toDay(found);
}

/** The first date behind this day that is wanted. Null if the rule ends before. */
export function following(rule: Rule, anchor: Day, after: Day, isWanted: (day: Day) => boolean = () => true): Next | null {
  const first = toNumber(anchor);
  const found = firstOf(dates(rule, first, toNumber(after)), (day) => isWanted(toDay(day)));
  if (found === null || rule.count === null) return unlessOver(rule, found, 0);
  let passed = 1; // the anchor
  for (const _ of between(rule, first, first, found - 1)) {
    if (passed >= rule.count) break;
    passed += 1;
  }
  return unlessOver(rule, found, passed);
}

/** As `following`, of a rule that goes by the day of completion. If that was early, it goes by what was due. */
export function followingCompletion(rule: Rule, today: Day, due: Day): Next | null {
  const wasDue = toNumber(due);
  const found = step(rule, toNumber(today));
  return unlessOver(rule, found !== null && found <= wasDue ? step(rule, wasDue) : found, 1);
}

/** The day so many of the rule's units later, or the last of that month if it has none. */
function step(rule: Rule, day: number): number | null {
  const isLong = rule.frequency === "MONTHLY" || rule.frequency === "YEARLY";
  const found = isLong
    ? monthsLater(day, rule.interval * (rule.frequency === "YEARLY" ? YEAR : 1))
    : day + rule.interval * (rule.frequency === "WEEKLY" ? WEEK : 1);
  return found !== null && found <= END ? found : null;
}

function unlessOver(rule: Rule, found: number | null, passed: number): Next | null {
  if (found === null) return null;
  const date = toDay(found);
  if (rule.until !== null && date > rule.until) return null;
  if (rule.count === null) return { date, rule };
  return passed < rule.count ? { date, rule: counting(rule, rule.count - passed) } : null;
}

function firstOf(some: Iterable<number>, isWanted: (each: number) => boolean = () => true): number | null {
  for (const each of some) if (isWanted(each)) return each;
  return null;
}

function horizon(rule: Rule, day: number): number {
  // The longest gap that a Monday the 29th of February leaves is 480 months.
  return monthsLater(day, rule.frequency === "MONTHLY" ? 500 : 100 * YEAR) ?? END;
}

function dates(rule: Rule, anchor: number, after: number): Generator<number> {
  const later = Math.max(anchor, after);
  return between(rule, anchor, later, horizon(rule, later));
}

/** The dates behind the first of these days, up to the last. */
function* between(rule: Rule, anchor: number, after: number, last: number): Generator<number> {
  for (const [start, offsets] of periods(rule, anchor, after)) {
    if (start > last) return;
    for (const offset of offsets) {
      const day = start + offset;
      if (day > after && day <= last) yield day;
    }
  }
}

/** From that of the day on, those that the interval does not leave out. */
function periods(rule: Rule, anchor: number, after: number): Generator<Period> {
  const week = anchor - modulo(weekdayOf(anchor) - rule.weekStart, WEEK);
  switch (rule.frequency) {
    case "DAILY": {
      if (rule.days.length === 0) return equal(anchor, after, rule.interval, [0]);
      // Of a day that it has: the first of one, and the last.
      const fits = rule.positions.length === 0 || rule.positions.includes(1) || rule.positions.includes(-1);
      return equal(week, after, WEEK, fits ? weekly(rule, anchor) : []);
    }
    case "WEEKLY":
      return equal(week, after, WEEK * rule.interval, chosen(rule, weekly(rule, anchor)));
    case "MONTHLY":
      return months(rule, anchor, after);
    case "YEARLY":
      return years(rule, anchor, after);
  }
}

function* equal(first: number, after: number, days: number, offsets: readonly number[]): Generator<Period> {
  if (offsets.length === 0) return;
  for (let start = first + floored(Math.max(0, after - first), days); start <= END; start += days) yield [start, offsets];
}

function floored(number: number, unit: number): number {
  return Math.floor(number / unit) * unit;
}

function weekly(rule: Rule, anchor: number): readonly number[] {
  const weekdays = rule.days.length > 0 ? rule.days.map(({ weekday }) => weekday) : [weekdayOf(anchor)];
  return sorted(new Set(weekdays.map((each) => modulo(each - rule.weekStart, WEEK))));
}

function* months(rule: Rule, anchor: number, after: number): Generator<Period> {
  const known = new Map<number, readonly number[]>();
  const [first, here] = [anchor, after].map((day) => monthNumber(day)) as [number, number];
  for (let number = first + floored(here - first, rule.interval); number < (MAX_YEAR + 1) * YEAR; number += rule.interval) {
    const [year, month] = [Math.floor(number / YEAR), (number % YEAR) + 1];
    const start = numberOf({ year, month, day: 1 });
    const length = lengthOfMonth(year, month);
    const make = (): readonly number[] => chosen(rule, ofMonth(rule, weekdayOf(start), length, partsOf(anchor).day));
    yield [start, once(known, weekdayOf(start) * 32 + length, make)];
  }
}

function monthNumber(day: number): number {
  const { year, month } = partsOf(day);
  return year * YEAR + month - 1;
}

function* years(rule: Rule, anchor: number, after: number): Generator<Period> {
  const known = new Map<number, readonly number[]>();
  const first = partsOf(anchor).year;
  for (let year = first + floored(partsOf(after).year - first, rule.interval); year <= MAX_YEAR; year += rule.interval) {
    const start = numberOf({ year, month: 1, day: 1 });
    const form = weekdayOf(start) * 32 + lengthOfMonth(year, 2);
    yield [start, once(known, form, () => chosen(rule, ofYear(rule, year, anchor)))];
  }
}

function once(known: Map<number, readonly number[]>, form: number, make: () => readonly number[]): readonly number[] {
  const found = known.get(form) ?? make();
  known.set(form, found);
  return found;
}

function ofYear(rule: Rule, year: number, anchor: number): readonly number[] {
  const { month: own, day } = partsOf(anchor);
  const start = numberOf({ year, month: 1, day: 1 });
  return (rule.months.length > 0 ? rule.months : [own]).flatMap((month) => {
    const first = numberOf({ year, month, day: 1 });
    return ofMonth(rule, weekdayOf(first), lengthOfMonth(year, month), day).map((each) => first - start + each);
  });
}

/** The days of a month that begins with this weekday and is so long; the day is the one if the rule names none. */
function ofMonth(rule: Rule, weekday: number, length: number, day: number): readonly number[] {
  const named = rule.monthDays.length > 0 || rule.days.length > 0 ? rule.monthDays : [day];
  const byNumber = new Set(named.map((each) => (each > 0 ? each - 1 : length + each)));
  const byWeekday = new Set(rule.days.flatMap(({ number, weekday: each }) => inMonth(modulo(each - weekday, WEEK), length, number)));
  const found: number[] = [];
  for (let each = 0; each < length; each += 1) {
    const isNumber = byNumber.size === 0 || byNumber.has(each);
    if (isNumber && (rule.days.length === 0 || byWeekday.has(each))) found.push(each);
  }
  return found;
}

/** The days of a weekday, whose first in the month is this; or the one with the number. */
function inMonth(first: number, length: number, number: number): readonly number[] {
  const every: number[] = [];
  for (let each = first; each < length; each += WEEK) every.push(each);
  if (number === 0) return every;
  const found = every.at(number > 0 ? number - 1 : number);
  return found === undefined ? [] : [found];
}

/** Those at the rule's positions. */
function chosen(rule: Rule, found: readonly number[]): readonly number[] {
  if (rule.positions.length === 0) return found;
  const places = new Set(rule.positions.map((each) => (each > 0 ? each - 1 : found.length + each)));
  return found.filter((_, place) => places.has(place));
}

function sorted(numbers: Iterable<number>): readonly number[] {
  return [...numbers].toSorted((a, b) => a - b);
}
