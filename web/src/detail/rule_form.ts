/** Between a rule and the form in which a person edits it. What the form cannot say stays the rule that it is. */

import { type Day, lengthOfMonth, partsOf, toDay, toNumber, weekdayOf } from "../../sync/dates.ts";
import { datesOf as datesAfter } from "../../sync/occurrences.ts";
import { type Frequency, parseRule, type Rule, WEEKDAYS } from "../../sync/rules.ts";
import type { Recurrence } from "../../sync/things.ts";

/** Weekdays are numbers from 0, which is Monday. `nth` is 1 to 4, or -1 for the last of a month. */
export type OnDay = { by: "day"; day: number } | { by: "weekday"; nth: number; weekday: number } | { by: "last" };

export interface RuleForm {
  unit: Frequency;
  every: number;
  /** Of weeks. */
  weekdays: readonly number[];
  /** Of months. */
  on: OnDay;
  /** On which weeks begin: it matters where some weeks are left out. */
  weekStart: number;
  from: Recurrence["from"];
  ends: { kind: "never" } | { kind: "on"; day: Day } | { kind: "after"; times: number };
}

type Dates = Pick<RuleForm, "weekdays" | "on">;

/** The days of a month that every month has. */
const SURE = 28;

/** A form that says nothing but this unit, on the day of this date. */
export function formOf(unit: Frequency, due: Day, weekStart = 0): RuleForm {
  const number = toNumber(due);
  const on: OnDay = { by: "day", day: partsOf(number).day };
  return { unit, every: 1, weekdays: [weekdayOf(number)], on, weekStart, from: "due", ends: { kind: "never" } };
}

/** The days of a month that this date may mean: the 16th, the third Monday, the last day. */
export function meant(due: Day): OnDay[] {
  const { year, month, day } = partsOf(toNumber(due));
  const weekday = weekdayOf(toNumber(due));
  const length = lengthOfMonth(year, month);
  const nth = Math.ceil(day / 7);
  const days: OnDay[] = [{ by: "day", day }];
  if (nth <= 4) days.push({ by: "weekday", nth, weekday });
  if (day > length - 7) days.push({ by: "weekday", nth: -1, weekday });
  return [...days, { by: "last" }];
}

/** Null where the rule says something that the form has no place for. */
export function toForm({ rule: text, from, occurrence }: Recurrence, due: Day): RuleForm | null {
  const rule = parseRule(text, from === "completion");
  const date = occurrence ?? due;
  const own = formOf(rule?.frequency ?? "DAILY", date);
  const dates = rule && (from === "completion" ? own : saidDates(rule, date, own));
  if (!rule || !dates) return null;
  const unit = rule.frequency === "DAILY" && rule.days.length > 0 ? "WEEKLY" : rule.frequency;
  const { weekdays, on } = dates;
  return { unit, every: rule.interval, weekdays, on, weekStart: rule.weekStart, from, ends: endsOf(rule) };
}

export function toRecurrence(form: RuleForm, due: Day): Pick<Recurrence, "rule" | "from"> {
  const parts = [`FREQ=${form.unit}`];
  if (form.every > 1) parts.push(`INTERVAL=${form.every}`);
  if (form.from === "due") parts.push(...dateParts(form, due));
  if (form.ends.kind === "on") parts.push(`UNTIL=${form.ends.day.replaceAll("-", "")}`);
  if (form.ends.kind === "after") parts.push(`COUNT=${form.ends.times}`);
  return { rule: parts.join(";"), from: form.from };
}

/** The first day that is not before this one and is a date of the form's. */
export function firstDay(form: RuleForm, from: Day): Day {
  if (form.from === "completion" || form.unit === "DAILY" || form.unit === "YEARLY") return from;
  const rule = parseRule(toRecurrence({ ...form, every: 1, ends: { kind: "never" } }, from).rule);
  const before = toDay(toNumber(from) - 1);
  const [found = from] = rule ? datesAfter(rule, before, before) : [];
  return found;
}

function dateParts({ unit, every, weekdays, on, weekStart }: RuleForm, due: Day): string[] {
  if (unit === "WEEKLY" && weekdays.length > 0) {
    const days = weekdays.toSorted((a, b) => a - b).map((each) => WEEKDAYS[each]);
    const week = every > 1 && days.length > 1 && weekStart !== 0 ? [`WKST=${WEEKDAYS[weekStart]}`] : [];
    return [`BYDAY=${days.join(",")}`, ...week];
  }
  if (unit === "MONTHLY") return monthParts(on);
  if (unit === "YEARLY" && due.endsWith("-02-29")) return ["BYMONTH=2", "BYMONTHDAY=28,29", "BYSETPOS=-1"];
  return [];
}

function monthParts(on: OnDay): string[] {
  if (on.by === "last") return ["BYMONTHDAY=-1"];
  if (on.by === "weekday") return [`BYDAY=${on.nth}${WEEKDAYS[on.weekday]}`];
  if (on.day <= SURE) return [`BYMONTHDAY=${on.day}`];
  // The 31st, or the last day of a month that has none.
  return [`BYMONTHDAY=${upTo(on.day).join(",")}`, "BYSETPOS=-1"];
}

function upTo(day: number): number[] {
  return [28, 29, 30, 31].filter((each) => each <= day);
}

export function endsOf({ until, count }: Rule): RuleForm["ends"] {
  if (until !== null) return { kind: "on", day: until };
  return count === null ? { kind: "never" } : { kind: "after", times: count };
}

function saidDates(rule: Rule, date: Day, { weekdays, on }: Dates): Dates | null {
  const { frequency, days, monthDays, months, positions } = rule;
  if (frequency === "YEARLY") return isOnItsDay(rule, date) ? { weekdays, on } : null;
  if (months.length > 0) return null;
  if (frequency === "MONTHLY") {
    const found = monthDay(rule, on);
    return found && { weekdays, on: found };
  }
  if (monthDays.length > 0 || positions.length > 0) return null;
  return { weekdays: days.length > 0 ? days.map(({ weekday }) => weekday).toSorted((a, b) => a - b) : weekdays, on };
}

function monthDay({ days, monthDays, positions }: Rule, own: OnDay): OnDay | null {
  const [day, ...more] = days;
  if (day && more.length === 0 && monthDays.length === 0 && positions.length === 0) {
    return day.number === -1 || (day.number > 0 && day.number < 5)
      ? { by: "weekday", nth: day.number, weekday: day.weekday }
      : null;
  }
  if (days.length > 0) return null;
  const last = monthDays.at(-1);
  if (last === undefined) return positions.length === 0 && own.by === "day" ? onDay(own.day) : null;
  if (monthDays.length === 1 && positions.length === 0) return last === -1 ? { by: "last" } : onDay(last);
  const isClamped = positions.length === 1 && positions[0] === -1 && monthDays.join() === upTo(last).join();
  return isClamped ? { by: "day", day: last } : null;
}

/** A 31st that is left out in short months is another rule than the form's. */
function onDay(day: number): OnDay | null {
  return day > 0 && day <= SURE ? { by: "day", day } : null;
}

function isOnItsDay({ days, months, monthDays, positions }: Rule, date: Day): boolean {
  const { month, day } = partsOf(toNumber(date));
  if (days.length > 0) return false;
  if (months.length === 0) return monthDays.length === 0 && date.slice(5) !== "02-29";
  if (months.join() !== String(month)) return false;
  if (monthDays.join() === "28,29") return positions.join() === "-1" && month === 2 && day >= SURE;
  return monthDays.join() === String(day) && positions.length === 0;
}
