/** The days of a month in weeks, and what keys do among them: as ARIA's date grid has it. */

import type { Preferences } from "../../sync/things.ts";

/** Temporal's number of the weekday on which weeks begin. */
export const FIRST_WEEKDAY: Record<Preferences["week_starts_on"], number> = { monday: 1, saturday: 6, sunday: 7 };

const FIRST_DAY = Temporal.PlainDate.from("1970-01-01");
const LAST_DAY = Temporal.PlainDate.from("2200-12-31");

/** The first day of this day's week. */
function weekOf(day: Temporal.PlainDate, first: number): Temporal.PlainDate {
  return day.subtract({ days: (day.dayOfWeek - first + 7) % 7 });
}

/** Six weeks, so that the grid is as high in every month; the days of the months beside it are in it too. */
export function weeksOf(month: Temporal.PlainDate, first: number): Temporal.PlainDate[][] {
  const start = weekOf(month.with({ day: 1 }), first);
  return [0, 1, 2, 3, 4, 5].map((week) => [0, 1, 2, 3, 4, 5, 6].map((day) => start.add({ days: 7 * week + day })));
}

/** The day that a key leads to from this one; undefined if it is not a key of the grid. */
export function stepped(
  day: Temporal.PlainDate,
  { key, shiftKey }: { key: string; shiftKey: boolean },
  { first, rightToLeft = false }: { first: number; rightToLeft?: boolean },
): Temporal.PlainDate | undefined {
  const ahead = rightToLeft ? -1 : 1;
  const week = weekOf(day, first);
  switch (key) {
    case "ArrowRight":
      return clamped(day.add({ days: ahead }));
    case "ArrowLeft":
      return clamped(day.subtract({ days: ahead }));
    case "ArrowDown":
      return clamped(day.add({ weeks: 1 }));
    case "ArrowUp":
      return clamped(day.subtract({ weeks: 1 }));
    case "Home":
      return clamped(week);
    case "End":
      return clamped(week.add({ days: 6 }));
    case "PageDown":
      return clamped(day.add(shiftKey ? { years: 1 } : { months: 1 }));
    case "PageUp":
      return clamped(day.subtract(shiftKey ? { years: 1 } : { months: 1 }));
    default:
      return undefined;
  }
}

/** Tasks have dates of these years only. */
export function clamped(day: Temporal.PlainDate): Temporal.PlainDate {
  if (Temporal.PlainDate.compare(day, FIRST_DAY) < 0) return FIRST_DAY;
  if (Temporal.PlainDate.compare(day, LAST_DAY) > 0) return LAST_DAY;
  return day;
}

interface QuickDays {
  today: Temporal.PlainDate;
  tomorrow: Temporal.PlainDate;
  weekend: Temporal.PlainDate;
  nextWeek: Temporal.PlainDate;
}

/** The days that are wanted most. The weekend is the next Saturday, also on a Saturday; next week is its first day. */
export function quickDays(today: Temporal.PlainDate, first: number): QuickDays {
  return {
    today,
    tomorrow: today.add({ days: 1 }),
    weekend: today.add({ days: ((6 - today.dayOfWeek + 6) % 7) + 1 }),
    nextWeek: weekOf(today, first).add({ weeks: 1 }),
  };
}
