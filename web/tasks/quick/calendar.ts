/** The calendar as a reader of a line needs it: today, this week, a month later, the first Friday. Days are numbers (`sync/dates.ts`). */

import { lengthOfMonth, modulo, monthsLater, numberOf, partsOf, toNumber, weekdayOf } from "../../sync/dates.ts";
import type { Preferences } from "../../sync/things.ts";
import type { PartOfDay, Unit } from "./language.ts";

export const WORKDAYS = [0, 1, 2, 3, 4];
export const SATURDAY = 5;
export const WEEK = 7;
export const MONTHS = 12;
export const LONGEST_MONTH = 31;
/** A month has four or five of each. */
export const MOST_OF_A_WEEKDAY = 5;
export const MIN_YEAR = 1970;
const FIRST_DAYS = { monday: 0, saturday: 5, sunday: 6 };

/** `HH:MM:SS`, perhaps with a fraction: as text, an earlier one is less. */
export type Time = string;

/** When and where a text is read. */
export interface Today {
  now: Temporal.ZonedDateTime;
  day: number;
  time: Time;
  /** The number of the weekday. */
  weekStart: number;
  dayReminderAt: Time;
}

export function todayAt(now: Temporal.ZonedDateTime, weekStartsOn: Preferences["week_starts_on"], dayReminderAt: Time): Today {
  const day = toNumber(now.toPlainDate().toString());
  return { now, day, time: now.toPlainTime().toString(), weekStart: FIRST_DAYS[weekStartsOn], dayReminderAt };
}

/** The first day of this week, or of one so many weeks from it. */
export function weekFrom({ day, weekStart }: Today, weeks = 0): number {
  return day + weeks * WEEK - modulo(weekdayOf(day) - weekStart, WEEK);
}

/** The first of these weekdays that is not before the day. */
export function nextWeekday(day: number, weekday: number): number {
  return day + modulo(weekday - weekdayOf(day), WEEK);
}

/** A day, and what was said of its time in the same words. */
export interface Day {
  date: number;
  part?: PartOfDay;
  at?: Time;
  /** Whether it is the first of these weekdays: at a time that is past, it is the next one. */
  isWeekday?: boolean;
  isShort?: boolean;
  /** Whether it is but the name of a weekday, which could belong to the title. */
  isBare?: boolean;
  /** Whether it is a day only with `on` or the like before it: `15th`, `weekend`. */
  needsOn?: boolean;
}

/** The day, if there is one. */
export function dateOf(year: number, month: number, day: number): number | null {
  const isThere = year > 0 && month >= 1 && month <= MONTHS && day >= 1 && day <= lengthOfMonth(year, month);
  return isThere ? numberOf({ year, month, day }) : null;
}

/** The day so many units later, if tasks can have it. */
export function after(day: number, number: number, unit: Unit): number | null {
  if (unit === "day" || unit === "week") return day + number * (unit === "week" ? WEEK : 1);
  return monthsLater(day, number * (unit === "year" ? MONTHS : 1));
}

/** The first day of the month that the day is in, or of one so many months later. */
export function monthFrom(day: number, months = 0): number | null {
  const { year, month } = partsOf(day);
  return monthsLater(numberOf({ year, month, day: 1 }), months);
}

/** The day of the month beginning with this one that is the first, second … of these weekdays in it; -1 is the last. */
export function ofMonth(first: number, weekdays: readonly number[], number: number): number | null {
  const { year, month } = partsOf(first);
  const days = Array.from({ length: lengthOfMonth(year, month) }, (_, index) => first + index);
  const found = days.filter((each) => weekdays.includes(weekdayOf(each)));
  return found.at(number > 0 ? number - 1 : number) ?? null;
}
