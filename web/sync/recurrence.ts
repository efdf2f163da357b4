/** How a series goes on: what a task's successor has in place of its own, as the server makes it (`recurrence/series.py`). */

import { daysLater, instantOf, isZone, knownZone, toDay, todayIn, toNumber } from "./dates.ts";
import { following, followingCompletion } from "./occurrences.ts";
import type { Next } from "./occurrences.ts";
import { parseRule, type Rule } from "./rules.ts";
import type { Task } from "./things.ts";

export type Dated = Pick<Task, "due" | "start" | "recurrence">;

/** What the successor of this open task has if it is completed now; `timezone` is that of the preferences. Null: the series ends, or only the server knows. */
export function successorOf(task: Dated, now: Temporal.Instant, timezone: string): Dated | null {
  return movedOn(task, next(task, now, timezone));
}

/** What the task has when its present date is skipped, past or not. Null: there is nothing behind it, or only the server knows. */
export function skipped(task: Dated): Dated | null {
  const { due, recurrence } = task;
  const rule = ruleOf(task);
  if (!due || !recurrence || !rule) return null;
  const occurrence = recurrence.occurrence ?? due.date;
  if (recurrence.from === "completion") return movedOn(task, followingCompletion(rule, due.date, due.date));
  return movedOn(task, following(rule, occurrence, latest(occurrence, due.date)));
}

function next(task: Dated, now: Temporal.Instant, timezone: string): Next | null {
  const { due, recurrence } = task;
  const rule = ruleOf(task);
  if (!due || !recurrence || !rule) return null;
  const { time } = due;
  const zone = due.timezone !== null && isZone(due.timezone) ? due.timezone : knownZone(timezone);
  const today = todayIn(zone, now);
  if (recurrence.from === "completion") return followingCompletion(rule, today, due.date);
  const occurrence = recurrence.occurrence ?? due.date;
  const passed = latest(occurrence, due.date);
  if (time === null) return following(rule, occurrence, latest(passed, today));
  // That of today may be still to come.
  const after = latest(passed, toDay(toNumber(today) - 1));
  return following(rule, occurrence, after, (day) => Temporal.Instant.compare(instantOf(day, time, zone), now) > 0);
}

/** Null: there is none, or only the server can follow it, and what it makes is awaited. */
function ruleOf({ recurrence }: Dated): Rule | null {
  return recurrence && recurrence.is_supported !== false ? parseRule(recurrence.rule) : null;
}

function movedOn({ due, start, recurrence }: Dated, found: Next | null): Dated | null {
  if (!due || !recurrence || !found) return null;
  const days = toNumber(found.date) - toNumber(due.date);
  return {
    due: daysLater(due, days),
    start: start && daysLater(start, days),
    recurrence: { rule: found.rule.text, from: recurrence.from, occurrence: found.date, is_supported: true },
  };
}

function latest(one: string, other: string): string {
  return one > other ? one : other;
}
