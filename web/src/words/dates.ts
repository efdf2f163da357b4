/** How days and times are said, in the person's language. */

import { type Day, instantOf, isZone, partsOf, toNumber } from "../../sync/dates.ts";
import type { Moment, Task } from "../../sync/things.ts";
import { deviceLocales } from "../app/locales.ts";
import type { Language, Words } from "./words.ts";

export interface Voice {
  says: Words;
  language: Language;
  now: Temporal.ZonedDateTime;
}

const STYLES = {
  weekday: { weekday: "long" },
  shortWeekday: { weekday: "short" },
  narrowWeekday: { weekday: "narrow" },
  day: { weekday: "short", day: "numeric", month: "short" },
  dayOfYear: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  shortDay: { day: "numeric", month: "short" },
  shortDayOfYear: { day: "numeric", month: "short", year: "numeric" },
  time: { timeStyle: "short" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

const MONDAY = toNumber("2026-01-05");
const MILLISECONDS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

// Every row says a date: a format is made once, and given days as they are counted, in UTC.
function formatted(milliseconds: number, locale: string, style: keyof typeof STYLES): string {
  const name = `${locale} ${style}`;
  let format = formats.get(name);
  if (!format) formats.set(name, (format = new Intl.DateTimeFormat(locale, { ...STYLES[style], timeZone: "UTC" })));
  return format.format(milliseconds);
}

/** The person's own variety of the language, which decides between 5 March and March 5. */
export function localeOf(language: string): string {
  return deviceLocales().find((each) => each.startsWith(language)) ?? language;
}

/** From 0, which is Monday. */
export function weekdayName(weekday: number, language: string, length: "long" | "short" | "narrow" = "long"): string {
  const style = ({ long: "weekday", short: "shortWeekday", narrow: "narrowWeekday" } as const)[length];
  return formatted((MONDAY + weekday) * MILLISECONDS, language, style);
}

/** `Today`, `Wednesday`, `Thu 24 Dec`; short, where many stand below one another, `Wed` and `24 Dec`. */
export function sayDay(day: Day, { says: { saying }, language, now }: Voice, isShort = false): string {
  const today = now.toPlainDate().toString();
  const days = toNumber(day) - toNumber(today);
  if (days === 0) return saying.today;
  if (days === 1) return saying.tomorrow;
  if (days === -1) return saying.yesterday;
  const at = toNumber(day) * MILLISECONDS;
  if (days > 1 && days < 7) return formatted(at, language, isShort ? "shortWeekday" : "weekday");
  const isThisYear = partsOf(toNumber(day)).year === now.year;
  if (isShort) return formatted(at, localeOf(language), isThisYear ? "shortDay" : "shortDayOfYear");
  return formatted(at, localeOf(language), isThisYear ? "day" : "dayOfYear");
}

/** `HH:MM:SS`, or `HH:MM`. */
export function sayTime(time: string, language: string): string {
  return formatted(Date.parse(`1970-01-01T${time}Z`), localeOf(language), "time");
}

export interface When {
  text: string;
  look: "overdue" | "today" | "";
}

/** How the date of a task is said in its row: by the person's clock, wherever it is fixed. `under`: a heading has said this day. */
export function whenOf({ due, is_completed }: Pick<Task, "due" | "is_completed">, voice: Voice, under?: Day | undefined): When | null {
  if (!due) return null;
  const here = voice.now.toPlainDateTime().toString();
  const [day, time] = shownHere(due, voice.now.timeZoneId);
  const text = textOf(day === under ? "" : sayDay(day, voice, true), time, voice);
  if (!text) return null;
  // A whole day is past when it is over, and a time when it has come.
  const isPast = time === null ? day < here.slice(0, "YYYY-MM-DD".length) : `${day}T${time}` <= here;
  if (isPast && !is_completed) return { text, look: "overdue" };
  return { text, look: here.startsWith(day) ? "today" : "" };
}

function textOf(day: string, time: string | null, { says, language }: Voice): string {
  if (time === null) return day;
  return day ? says.saying.at(day, sayTime(time, language)) : sayTime(time, language);
}

function shownHere({ date, time, timezone, at }: Moment, here: string): readonly [day: Day, time: string | null] {
  if (time === null || timezone === null || timezone === here) return [date, time];
  // Where only the server knows the zone, it has said which instant that is.
  const instant = at ? Temporal.Instant.from(at) : isZone(timezone) ? instantOf(date, time, timezone) : null;
  if (!instant) return [date, time];
  const shown = instant.toZonedDateTimeISO(here);
  return [shown.toPlainDate().toString(), shown.toPlainTime().toString()];
}
