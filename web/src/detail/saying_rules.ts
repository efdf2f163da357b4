/** How rules are said: those of the form, and those that only other programs write. */

import { parseRule, type Rule } from "../../sync/rules.ts";
import type { Recurrence } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { localeOf, sayDay, type Voice, weekdayName } from "../words/dates.ts";
import { PICKING } from "../words/picking.ts";
import { endsOf, type OnDay, type RuleForm, toForm } from "./rule_form.ts";

/** What has no words is said as it stands, or that there are none if another program's. */
export function sayRule(recurrence: Recurrence, due: string, voice: Voice): string {
  const { rule: says } = voice.says.saying;
  if (recurrence.is_supported !== false) return sayOwn(recurrence, due, voice);
  return parseRule(recurrence.rule) ? says.asOthersSay(sayOwn(recurrence, due, voice)) : says.others;
}

function sayOwn(recurrence: Recurrence, due: string, voice: Voice): string {
  const form = toForm(recurrence, due);
  if (form) return sayForm(form, voice);
  const rule = parseRule(recurrence.rule, recurrence.from === "completion");
  const dates = rule && datesOf(rule, voice);
  return dates ? withEnds(voice.says.saying.rule.on(every(rule.frequency, rule.interval, voice), dates), endsOf(rule), voice) : recurrence.rule;
}

export function sayForm(form: RuleForm, voice: Voice): string {
  const { rule: says } = voice.says.saying;
  const dates = form.from === "due" ? onDates(form, voice) : "";
  const often = every(form.unit, form.every, voice);
  const said = form.every === 1 && isWeekdays(form) ? says.weekdays : dates ? says.on(often, dates) : often;
  return withEnds(form.from === "completion" ? says.fromCompletion(said) : said, form.ends, voice);
}

export function isWeekdays({ unit, from, weekdays }: RuleForm): boolean {
  return unit === "WEEKLY" && from === "due" && weekdays.join() === "0,1,2,3,4";
}

export function sayOnDay(on: OnDay, { language }: Voice): string {
  const picking = PICKING[language];
  if (on.by === "last") return picking.onLast;
  return on.by === "day" ? picking.onDay(on.day) : picking.onWeekday(on.nth, weekdayName(on.weekday, language));
}

function every(unit: RuleForm["unit"], n: number, { says, language }: Voice): string {
  return counted(language, n, says.saying.rule.every[unit]);
}

function withEnds(said: string, ends: RuleForm["ends"], voice: Voice): string {
  const { rule: says } = voice.says.saying;
  if (ends.kind === "on") return says.until(said, sayDay(ends.day, voice));
  return ends.kind === "after" ? says.times(said, ends.times) : said;
}

function onDates({ unit, weekdays, on }: RuleForm, voice: Voice): string {
  if (unit === "MONTHLY") return sayOnDay(on, voice);
  if (unit !== "WEEKLY") return "";
  const length = weekdays.length > 1 ? "short" : "long";
  return listed(weekdays.map((each) => weekdayName(each, voice.language, length)), voice);
}

/** Of months and years: `the 1st and the 15th`, `24 December`, `the fourth Thursday in November`. Null: there are no words for it. */
function datesOf(rule: Rule, voice: Voice): string | null {
  const days = daysOf(rule, voice);
  if (rule.frequency === "MONTHLY") return days && listed(days, voice);
  if (rule.frequency !== "YEARLY" || rule.months.length === 0) return null;
  const [month, ...more] = rule.months;
  if (rule.monthDays.every((day) => day > 0) && rule.days.length === 0 && rule.positions.length === 0) {
    return listed(rule.months.flatMap((each) => rule.monthDays.map((day) => dayOfMonth(each, day, voice))), voice);
  }
  return days && month && more.length === 0 ? PICKING[voice.language].inMonth(listed(days, voice), monthName(month, voice)) : null;
}

function daysOf({ days, monthDays, positions }: Rule, voice: Voice): string[] | null {
  const picking = PICKING[voice.language];
  const [position, ...more] = positions;
  if (position !== undefined) {
    const isOfWeek = days.map(({ number, weekday }) => `${number}${weekday}`).toSorted().join() === "00,01,02,03,04";
    return isOfWeek && monthDays.length === 0 && more.length === 0 && position >= -1 ? [picking.onWorkday(position)] : null;
  }
  if (days.length > 0 && monthDays.length > 0) return null;
  if (days.some(({ number }) => number === 0 || number < -1) || monthDays.some((day) => day < -1)) return null;
  const ordered = [...monthDays.filter((day) => day > 0), ...monthDays.filter((day) => day < 0)];
  const all: OnDay[] = days.map(({ number, weekday }) => ({ by: "weekday", nth: number, weekday }));
  for (const day of ordered) all.push(day > 0 ? { by: "day", day } : { by: "last" });
  return all.length > 0 ? all.map((on) => sayOnDay(on, voice)) : null;
}

function dayOfMonth(month: number, day: number, { language }: Voice): string {
  return Temporal.PlainDate.from({ year: 2028, month, day }).toLocaleString(localeOf(language), { day: "numeric", month: "long" });
}

function monthName(month: number, { language }: Voice): string {
  return Temporal.PlainDate.from({ year: 2028, month, day: 1 }).toLocaleString(language, { month: "long" });
}

function listed(names: readonly string[], { language }: Voice): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names);
}
