/** How moments, lengths, rules and reminders are said, in the person's language. */

import { toForm, type RuleForm } from "./rule_form.ts";
import type { Moment, NewReminder, Recurrence } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { sayDay, sayTime, type Voice, weekdayName } from "../words/dates.ts";

export function sayMoment(moment: Moment, voice: Voice): string {
  const day = sayDay(moment.date, voice);
  if (moment.time === null) return day;
  const said = voice.says.saying.at(day, sayTime(moment.time, voice.language));
  return moment.timezone === null || moment.timezone === voice.now.timeZoneId ? said : `${said} (${cityOf(moment.timezone)})`;
}

export function cityOf(timezone: string): string {
  return (timezone.split("/").at(-1) ?? timezone).replaceAll("_", " ");
}

export function sayInstant(instant: string, voice: Voice): string {
  const at = Temporal.Instant.from(instant).toZonedDateTimeISO(voice.now.timeZoneId);
  return voice.says.saying.at(sayDay(at.toPlainDate().toString(), voice), sayTime(at.toPlainTime().toString(), voice.language));
}

export function sayMinutes(minutes: number, language: string): string {
  return sayLength({ hours: Math.floor(minutes / 60), minutes: minutes % 60 }, language);
}

function sayLength(length: Partial<Record<"weeks" | "days" | "hours" | "minutes", number>>, language: string): string {
  const parts = (["week", "day", "hour", "minute"] as const).flatMap((unit) => {
    const n = length[`${unit}s`] ?? 0;
    return n > 0 ? [n.toLocaleString(language, { style: "unit", unit, unitDisplay: unit === "minute" ? "short" : "long" })] : [];
  });
  return parts.join(" ");
}

/** A rule that no form has is said as it stands. */
export function sayRule(recurrence: Recurrence, due: string, voice: Voice): string {
  const form = toForm(recurrence, due);
  return form ? sayForm(form, voice) : recurrence.rule;
}

export function sayForm(form: RuleForm, voice: Voice): string {
  const { rule: says } = voice.says.saying;
  const dates = form.from === "due" ? onDates(form, voice) : "";
  const every = counted(voice.language, form.every, says.every[form.unit]);
  let said = form.every === 1 && isWeekdays(form) ? says.weekdays : dates ? says.on(every, dates) : every;
  if (form.from === "completion") said = says.fromCompletion(said);
  if (form.ends.kind === "on") return says.until(said, sayDay(form.ends.day, voice));
  return form.ends.kind === "after" ? says.times(said, form.ends.times) : said;
}

export function isWeekdays({ unit, from, weekdays }: RuleForm): boolean {
  return unit === "WEEKLY" && from === "due" && weekdays.join() === "0,1,2,3,4";
}

function onDates({ unit, weekdays, on }: RuleForm, { says, language }: Voice): string {
  if (unit === "WEEKLY") return listed(weekdays.map((each) => weekdayName(each, language, weekdays.length > 1 ? "short" : "long")), language);
  if (unit !== "MONTHLY") return "";
  if (on.by === "last") return says.picking.onLast;
  if (on.by === "weekday") return says.picking.onWeekday(on.nth, weekdayName(on.weekday, language));
  return says.picking.onDay(on.day);
}

function listed(names: readonly string[], language: string): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names);
}

/** `dayReminderAt`: when a whole day reminds. */
export function sayReminder({ offset, relative_to, at }: NewReminder, due: Moment | null, dayReminderAt: string, voice: Voice): string {
  if (at) return sayInstant(at, voice);
  const { saying, picking } = voice.says;
  const length = Temporal.Duration.from(offset ?? "PT0M");
  const isStart = relative_to === "start";
  const said = sayLength(length.abs(), voice.language);
  if (!isStart && due && due.time === null) {
    const time = sayTime(dayReminderAt, voice.language);
    if (length.blank) return picking.onTheDay(time);
    if (offset === "-P1D") return picking.dayBefore(time);
  }
  if (length.blank) return isStart ? saying.atStart : saying.atDue;
  if (length.sign < 0) return (isStart ? saying.beforeStart : saying.before)(said);
  return (isStart ? saying.afterStart : saying.after)(said);
}
