/**
 * Days, and moments as tasks have them: a whole day, a local time that floats, or one in a time zone. All of it is as the server
 * has it (`src/doable/tasks/dates.py`, `clock.py`); `tests/tasks/recurrence/series.json` holds both to the same answers.
 */

import type { Moment } from "./things.ts";

/** `YYYY-MM-DD`. */
export type Day = string;

export const MAX_YEAR = 2200;
export const LAST_DAY: Day = `${MAX_YEAR}-12-31`;

const MILLISECONDS = 86_400_000;

export interface Parts {
  year: number;
  /** From 1. */
  month: number;
  day: number;
}

// Rules are followed over thousands of days: those are counted from 1970 on. `Date` does nothing but that, in UTC.

/** The number of a day that there is. */
export function numberOf({ year, month, day }: Parts): number {
  return Date.UTC(year, month - 1, day) / MILLISECONDS;
}

export function partsOf(number: number): Parts {
  const day = new Date(number * MILLISECONDS);
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
}

export function toNumber(day: Day): number {
  return Date.parse(day) / MILLISECONDS;
}

export function toDay(number: number): Day {
  return new Date(number * MILLISECONDS).toISOString().slice(0, 10);
}

/** From 0, which is Monday. */
export function weekdayOf(number: number): number {
  return modulo(number + 3, 7);
}

/** The rest that is never negative. */
export function modulo(number: number, divisor: number): number {
  return ((number % divisor) + divisor) % divisor;
}

export function lengthOfMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The same day (or this one) so many months later, or the last of that month if it has none. Null behind the years of tasks. */
export function monthsLater(number: number, months: number, wanted?: number): number | null {
  const { year, month, day } = partsOf(number);
  const all = year * 12 + month - 1 + months;
  const there = { year: Math.floor(all / 12), month: modulo(all, 12) + 1 };
  if (there.year > MAX_YEAR) return null;
  return numberOf({ ...there, day: Math.min(wanted ?? day, lengthOfMonth(there.year, there.month)) });
}

/** Whether the device knows it; a server may know more. */
export function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The zone itself, or UTC where the device does not know it. */
export function knownZone(name: string): string {
  return isZone(name) ? name : "UTC";
}

export function todayIn(timezone: string, now: Temporal.Instant): Day {
  return now.toZonedDateTimeISO(timezone).toPlainDate().toString();
}

/**
 * The instant of a local time in a zone, by RFC 5545, section 3.3.5: one that comes twice is the first, and one that is skipped is
 * read with the offset of before. That is what Temporal calls compatible.
 */
export function instantOf(date: Day, time: string, timezone: string): Temporal.Instant {
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(timezone, { disambiguation: "compatible" }).toInstant();
}

/** As the API writes it. */
export function instantToText(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: "microsecond" });
}

/** The moment with the instant that it is, as the API answers it. */
export function withInstant({ date, time, timezone, at }: Moment): Moment {
  if (time === null || timezone === null) return { date, time, timezone: null, at: null };
  // Where only the server knows the zone, the instant stays that of before until it answers.
  return { date, time, timezone, at: isZone(timezone) ? instantToText(instantOf(date, time, timezone)) : (at ?? null) };
}

/** So many days later, at the same local time. None is after the years of tasks. */
export function daysLater(moment: Moment, days: number): Moment {
  const date = toDay(Math.min(toNumber(moment.date) + days, toNumber(LAST_DAY)));
  const at = moment.at ? instantToText(Temporal.Instant.from(moment.at).add({ hours: 24 * days })) : null;
  return withInstant({ ...moment, date, at });
}
