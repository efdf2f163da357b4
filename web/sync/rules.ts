/** The rules by which tasks recur: those of RFC 5545 that the server takes (`src/doable/tasks/recurrence/rules.py`). */

import type { Day } from "./dates.ts";

export type Frequency = "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";

/** A rule that was read; what it does not say is empty. Weekdays are numbers from 0, which is Monday. */
export interface Rule {
  text: string;
  frequency: Frequency;
  interval: number;
  count: number | null;
  /** The last day that may be a date of it. */
  until: Day | null;
  weekStart: number;
  /** `number`: which of the month's it is, negative from the end; 0 is each of them. */
  days: readonly { number: number; weekday: number }[];
  monthDays: readonly number[];
  months: readonly number[];
  /** Which dates of a day, week, month or year are meant; negative from the end. */
  positions: readonly number[];
}

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const FREQUENCIES: readonly string[] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] satisfies Frequency[];
const LONGEST = 255;
const MOST_VALUES = 31;
const OF_COMPLETION: ReadonlySet<string> = new Set(["FREQ", "INTERVAL", "COUNT", "UNTIL"]);

type Read = Partial<Rule> | null;

const READERS: ReadonlyMap<string, (value: string) => Read> = new Map<string, (value: string) => Read>([
  ["FREQ", (value) => (FREQUENCIES.includes(value) ? { frequency: value as Frequency } : null)],
  ["INTERVAL", (value) => named("interval", one(value, 999))],
  ["COUNT", (value) => named("count", one(value, 1000))],
  ["UNTIL", (value) => named("until", dayOf(value))],
  ["WKST", (value) => named("weekStart", weekday(value))],
  ["BYDAY", (value) => named("days", days(value))],
  ["BYMONTHDAY", (value) => named("monthDays", numbers(value, 31, true))],
  ["BYMONTH", (value) => named("months", numbers(value, 12, false))],
  ["BYSETPOS", (value) => named("positions", numbers(value, 366, true))],
]);

/** The rule of this text, in any case; null if the server refuses it as not supported. */
export function parseRule(text: string, fromCompletion = false): Rule | null {
  // oxlint-disable-next-line no-control-regex -- ASCII begins with them
  if (text.length > LONGEST || !/^[\0-\x7f]*$/.test(text)) return null;
  const upper = text.toUpperCase();
  const read: Partial<Rule> = {};
  const names = new Set<string>();
  for (const part of upper.split(";")) {
    const end = part.indexOf("=");
    const name = end < 0 ? part : part.slice(0, end);
    const value = names.has(name) ? undefined : READERS.get(name)?.(end < 0 ? "" : part.slice(end + 1));
    if (!value) return null;
    names.add(name);
    Object.assign(read, value);
  }
  const { frequency } = read;
  if (frequency === undefined) return null;
  const rule: Rule = { ...NOTHING, ...read, text: upper, frequency };
  if (contradicts(rule, names)) return null;
  return fromCompletion && ![...names].every((name) => OF_COMPLETION.has(name)) ? null : rule;
}

/** The same with so many dates left. */
export function counting(rule: Rule, count: number): Rule {
  return { ...rule, text: rule.text.replace(/(?<=COUNT=)[0-9]+/, String(count)), count };
}

const NOTHING = { interval: 1, count: null, until: null, weekStart: 0, days: [], monthDays: [], months: [], positions: [] };

function contradicts(rule: Rule, names: ReadonlySet<string>): boolean {
  const isLong = rule.frequency === "MONTHLY" || rule.frequency === "YEARLY";
  const hasDays = names.has("BYDAY") || names.has("BYMONTHDAY");
  return (
    (names.has("COUNT") && names.has("UNTIL")) ||
    (!isLong && rule.days.some(({ number }) => number !== 0)) ||
    (rule.frequency === "DAILY" && names.has("BYDAY") && rule.interval > 1) ||
    (!isLong && names.has("BYMONTHDAY")) ||
    (rule.frequency !== "YEARLY" && names.has("BYMONTH")) ||
    (rule.frequency === "YEARLY" && !names.has("BYMONTH") && hasDays) ||
    (names.has("BYSETPOS") && !hasDays)
  );
}

function named<K extends keyof Rule>(name: K, value: Rule[K] | null): Read {
  return value === null ? null : { [name]: value };
}

function one(value: string, most: number): number | null {
  const number = /^[0-9]{1,4}$/.test(value) ? Number(value) : 0;
  return number >= 1 && number <= most ? number : null;
}

function numbers(value: string, most: number, isSigned: boolean): number[] | null {
  const values = value.split(",");
  const form = isSigned ? /^[+-]?[0-9]{1,4}$/ : /^[0-9]{1,4}$/;
  const isRead = (each: string): boolean => form.test(each) && Number(each) !== 0 && Math.abs(Number(each)) <= most;
  if (values.length > MOST_VALUES || !values.every(isRead)) return null;
  return [...new Set(values.map(Number))].toSorted((a, b) => a - b);
}

/** With a time its date counts, in whatever zone: tasks recur on days. */
function dayOf(value: string): Day | null {
  const found = /^([0-9]{4})([0-9]{2})([0-9]{2})(T([01][0-9]|2[0-3])([0-5][0-9]){2}Z?)?$/.exec(value);
  const day = found && `${found[1]}-${found[2]}-${found[3]}`;
  try {
    // There is no year 0 on the server.
    return day && Temporal.PlainDate.from(day, { overflow: "reject" }).year > 0 ? day : null;
  } catch {
    return null;
  }
}

function weekday(value: string): number | null {
  const number = WEEKDAYS.indexOf(value);
  return number < 0 ? null : number;
}

function days(value: string): Rule["days"] | null {
  const values = value.split(",");
  const read: Rule["days"][number][] = [];
  for (const each of new Set(values)) {
    const found = /^([+-]?0?[1-5])?([A-Z]{2})$/.exec(each);
    const day = weekday(found?.[2] ?? "");
    if (day === null) return null;
    read.push({ number: Number(found?.[1] ?? 0), weekday: day });
  }
  return values.length > MOST_VALUES ? null : read;
}
