/** Dates and reminders as the server answers them. */

import type { Copy } from "../copy.ts";
import { instantOf, instantToText, isZone, knownZone, withInstant } from "../dates.ts";
import type { Moment, NewReminder, Reminder, Task } from "../things.ts";
import { preferences } from "./doing.ts";

/** A moment that was sent, on top of the one that was there. Without a time there is no zone. */
export function asMoment(said: Partial<Moment> | null | undefined, before: Moment | null = null): Moment | null {
  if (!said) return null;
  const { date, time, timezone } = { date: "", time: null, timezone: null, ...before, ...said };
  if (time === null) return { date, time: null, timezone: null, at: null };
  return withInstant({ date, time: time.length === 5 ? `${time}:00` : time, timezone });
}

/** The reminders of a task, with when they will come by its dates. */
export function asReminders(copy: Copy, said: readonly NewReminder[], task: Task, old: Task | undefined, now: string): Reminder[] {
  return said.map((each) => {
    const whole: Reminder = {
      id: each.id ?? "",
      offset: each.offset ?? null,
      relative_to: each.offset === null || each.offset === undefined ? null : (each.relative_to ?? "due"),
      at: each.at ? instantToText(Temporal.Instant.from(each.at)) : null,
      remind_at: null,
    };
    if (task.is_completed) return whole;
    const at = comesAt(copy, task, whole);
    const was = old?.reminders.find((one) => one.id === whole.id);
    // One whose instant stays is left as it is: it may have come, or been put off.
    if (old && was && !old.is_completed && comesAt(copy, old, was) === at) return { ...whole, remind_at: was.remind_at };
    return { ...whole, remind_at: at !== null && at > now ? at : null };
  });
}

function comesAt(copy: Copy, task: Task, reminder: Reminder): string | null {
  if (reminder.at !== null) return reminder.at;
  const moment = task[reminder.relative_to ?? "due"];
  if (moment === null || reminder.offset === null) return null;
  const prefers = preferences(copy);
  const { weeks, days, hours, minutes } = Temporal.Duration.from(reminder.offset);
  const shown = Temporal.PlainDateTime.from(`${moment.date}T${moment.time ?? prefers.day_reminder_at}`);
  const local = shown.add({ days: weeks * 7 + days });
  const zone = moment.timezone !== null && isZone(moment.timezone) ? moment.timezone : knownZone(prefers.timezone);
  const at = instantOf(local.toPlainDate().toString(), local.toPlainTime().toString(), zone);
  return instantToText(at.add({ minutes: hours * 60 + minutes }));
}
