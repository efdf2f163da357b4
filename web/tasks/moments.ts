/**
 * Moments as people and programs name them: a date, an instant, `today+7d`. Which one it is depends on when and where it is asked
 * for. As `moments.py` of the server has them.
 */

import { instantToText, MAX_YEAR } from "../sync/dates.ts";
import type { Moment as Due, Preferences } from "../sync/things.ts";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const DAYS: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };
const MIN_YEAR = 1970;

const MOMENT = new RegExp(
  `^(\\d{4}-\\d\\d-\\d\\d|now|week|month|${[...Object.keys(DAYS), ...WEEKDAYS].join("|")})?(?:([+-]\\d{1,4})([dwm]))?$`,
  "i",
);
const INSTANT = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** A moment, so many months and then days after its base: a word, a date, or an instant in UTC. */
export interface Moment {
  readonly base: string;
  readonly months: number;
  readonly days: number;
}

/** What dates and instants are compared with, both as text. The beginning of a day is the day alone, which is before all times of it. */
export interface Resolved {
  readonly local: string;
  readonly instant: string;
}

export const moment = (base: string, days = 0, months = 0): Moment => ({ base, months, days });
export const nextDay = ({ base, months, days }: Moment): Moment => ({ base, months, days: days + 1 });
/** Whether it is a day, or its beginning. */
export const isDay = ({ base }: Moment): boolean => base !== "now" && !base.includes("T");

/** The moment that a text names, in upper or lower case; or what it must be and is not. */
export function parseMoment(text: string): Moment | "moment" | "day of the calendar" {
  const instant = INSTANT.exec(text);
  if (instant) {
    const [, day = "", time = "", fraction = "", offset = ""] = instant;
    if (!isDate(day)) return "day of the calendar";
    // What is finer than microseconds is nowhere stored.
    return moment(instantToText(Temporal.Instant.from(`${day}T${time}${fraction.slice(0, 7)}${offset.toUpperCase()}`)));
  }
  const named = MOMENT.exec(text);
  if (!text || !named) return "moment";
  const [, said = "today", number = "0", unit = "d"] = named;
  const base = said.toLowerCase();
  if (/^\d/.test(base) && !isDate(base)) return "day of the calendar";
  const count = Number(number);
  if (unit.toLowerCase() === "m") return moment(base, 0, count);
  return moment(base, unit.toLowerCase() === "w" ? 7 * count : count);
}

/** When and where it is asked. */
export class Present {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly weekStartsOn: Preferences["week_starts_on"];
  readonly #here: Temporal.ZonedDateTime;
  #comes: Resolved | undefined;
  readonly #resolved = new Map<string, Resolved>();

  constructor(now: Temporal.Instant, zone: string, weekStartsOn: Preferences["week_starts_on"] = "monday") {
    this.now = now;
    this.zone = zone;
    this.weekStartsOn = weekStartsOn;
    this.#here = now.toZonedDateTimeISO(zone);
  }

  get today(): string {
    return this.#here.toPlainDate().toString();
  }

  /** What has come is not later than this. It stays so where the clock is put back. */
  get comes(): Resolved {
    this.#comes ??= { local: latestShown(this.now, this.zone), instant: instantToText(this.now) };
    return this.#comes;
  }

  /** The moment, as it is there and then. Days begin by RFC 5545, section 3.3.5; a month's missing day is its last. */
  resolve(wanted: Moment): Resolved {
    const name = `${wanted.base} ${wanted.months} ${wanted.days}`;
    let found = this.#resolved.get(name);
    if (!found) this.#resolved.set(name, (found = this.#resolve(wanted)));
    return found;
  }

  #resolve({ base, months, days }: Moment): Resolved {
    if (base.includes("T")) {
      return { local: asBound(Temporal.Instant.from(base).toZonedDateTimeISO(this.zone).toPlainDateTime()), instant: base };
    }
    const time = this.#here.toPlainTime();
    if (base === "now" && !months && !days) {
      return { local: asBound(this.#here.toPlainDateTime()), instant: instantToText(this.now) };
    }
    const day = clamped(this.#day(base).add({ months }).add({ days }));
    const begins = base === "now" ? day.toPlainDateTime(time) : day.toPlainDateTime();
    return {
      local: asBound(begins),
      instant: instantToText(begins.toZonedDateTime(this.zone).toInstant()),
    };
  }

  #day(base: string): Temporal.PlainDate {
    const today = this.#here.toPlainDate();
    const shift = DAYS[base];
    if (shift !== undefined) return today.add({ days: shift });
    if (WEEKDAYS.includes(base)) return today.add({ days: (WEEKDAYS.indexOf(base) + 8 - today.dayOfWeek) % 7 });
    if (base === "week") return today.subtract({ days: (today.dayOfWeek + 6 - WEEKDAYS.indexOf(this.weekStartsOn)) % 7 });
    if (base === "month") return today.with({ day: 1 });
    return base === "now" ? today : Temporal.PlainDate.from(base);
  }
}

/** The latest time that a clock in the zone has shown until then: where it was just put back, its last second before that. */
export function latestShown(at: Temporal.Instant, zone: string): string {
  const here = at.toZonedDateTimeISO(zone);
  const shown = here.toPlainDateTime();
  const first = shown.toZonedDateTime(zone, { disambiguation: "earlier" });
  const putBack = first.epochNanoseconds < here.epochNanoseconds ? here.getTimeZoneTransition("previous") : null;
  if (!putBack) return asText(shown);
  const sinceWholeSeconds = Math.floor(at.since(putBack.toInstant()).total("seconds")) + 1;
  return asText(at.subtract({ seconds: sinceWholeSeconds }).toZonedDateTimeISO(zone).toPlainDateTime());
}

/** The local time of a date, as the server stores it: a whole day is due when it is over, and starts when it begins. */
export function localOf(what: "due" | "start", { date, time }: Due): string {
  return time === null ? (what === "due" ? `${date}T24:00:00` : date) : `${date}T${time}`;
}

function isDate(text: string): boolean {
  const year = Number(text.slice(0, 4));
  if (year < MIN_YEAR || year > MAX_YEAR) return false;
  try {
    return Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

/** Before and after everything that a task can have, in whatever zones: further away, a moment would be no other one. */
function clamped(day: Temporal.PlainDate): Temporal.PlainDate {
  const [earliest, latest] = [Temporal.PlainDate.from(`${MIN_YEAR - 1}-12-30`), Temporal.PlainDate.from(`${MAX_YEAR + 1}-01-03`)];
  if (Temporal.PlainDate.compare(day, earliest) < 0) return earliest;
  return Temporal.PlainDate.compare(day, latest) > 0 ? latest : day;
}

function asText(local: Temporal.PlainDateTime): string {
  return local.toString({ fractionalSecondDigits: 6 }).replace(/\.000000$/, "");
}

function asBound(local: Temporal.PlainDateTime): string {
  return asText(local).replace(/T00:00:00$/, "");
}
