/** How moments, lengths and reminders are said, in the person's language. */

import type { Moment, NewReminder } from "../../sync/things.ts";
import { sayDay, sayTime, type Voice } from "../words/dates.ts";
import { PICKING } from "../words/picking.ts";

export function sayMoment(moment: Moment, voice: Voice): string {
  const day = sayDay(moment.date, voice);
  if (moment.time === null) return day;
  const said = voice.says.saying.at(day, sayTime(moment.time, voice.language));
  return moment.timezone === null || moment.timezone === voice.now.timeZoneId ? said : `${said} (${cityOf(moment.timezone)})`;
}

function cityOf(timezone: string): string {
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

/** `dayReminderAt`: when a whole day reminds. */
export function sayReminder({ offset, relative_to, at }: NewReminder, due: Moment | null, dayReminderAt: string, voice: Voice): string {
  if (at) return sayInstant(at, voice);
  const { saying } = voice.says;
  const picking = PICKING[voice.language];
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
