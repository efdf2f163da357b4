/** A rule of what repeats, and its text by RFC 5545, section 3.3.10. As `quick/rule.py` of the server. */

import { LAST_DAY, modulo, toDay, weekdayOf } from "../../sync/dates.ts";
import { WEEKDAYS } from "../../sync/rules.ts";
import { after, WEEK } from "./calendar.ts";
import type { Time, Today } from "./calendar.ts";
import type { Amount, Unit } from "./language.ts";
import { momentOf, NOTHING } from "./when.ts";
import type { When } from "./when.ts";

const FREQUENCIES = { day: "DAILY", week: "WEEKLY", month: "MONTHLY", year: "YEARLY" };
export const MOST = 999;
export const MOST_TIMES = 1000;

/** How something repeats. */
export interface Rule {
  unit: Unit;
  interval: number;
  /** `BYDAY` and the like. */
  parts: readonly (readonly [name: string, value: string])[];
  /** The first date of the rule that is not before this one. */
  first: (start: number) => number | null;
  when: When;
  fromCompletion: boolean;
  starts: When | null;
  until: When | null;
  lasts: Amount | null;
  count: number | null;
}

export function rule(unit: Unit, interval = 1): Rule {
  const nothing = { parts: [], when: NOTHING, fromCompletion: false, starts: null, until: null, lasts: null, count: null };
  return { unit, interval, first: (start) => start, ...nothing };
}

/** On these weekdays of each week. */
export function weekly(days: readonly number[]): Rule {
  const chosen = [...new Set(days)].toSorted((a, b) => a - b);
  const first = (start: number): number => start + Math.min(...chosen.map((each) => modulo(each - weekdayOf(start), WEEK)));
  return { ...rule("week"), parts: [["BYDAY", chosen.map((each) => WEEKDAYS[each]).join(",")]], first };
}

/** The first date of the rule that is not past, at that time. */
export function dueOf({ starts, first }: Rule, today: Today, at: Time | null): number {
  if (starts) return first(momentOf(starts, today)[0]) ?? today.day;
  return first(today.day + (at !== null && at < today.time ? 1 : 0)) ?? today.day;
}

/** The rule as RFC 5545 writes it. */
export function textOf(said: Rule, today: Today, due: number): string {
  const { unit, interval, lasts, until } = said;
  const hasManyDays = said.parts.some(([name, value]) => name === "BYDAY" && value.includes(","));
  const isCounted = lasts?.[1] === unit && interval === 1 && !hasManyDays;
  const count = isCounted ? lasts[0] : said.count;
  const parts: (readonly [string, string | number | undefined])[] = [["FREQ", FREQUENCIES[unit]]];
  if (interval > 1) parts.push(["INTERVAL", interval]);
  parts.push(...said.parts);
  if (unit === "week" && interval > 1 && today.weekStart > 0 && hasManyDays) parts.push(["WKST", WEEKDAYS[today.weekStart]]);
  if (lasts && !isCounted) parts.push(["UNTIL", digitsOf(lastOf(due, lasts))]);
  if (count !== null) parts.push(["COUNT", count]);
  if (until) parts.push(["UNTIL", digitsOf(toDay(momentOf(until, today)[0]))]);
  return parts.map(([name, value]) => `${name}=${value}`).join(";");
}

function digitsOf(day: string): string {
  return day.replaceAll("-", "");
}

/** The last day of so many units that begin with this day. */
function lastOf(due: number, [number, unit]: Amount): string {
  const end = after(due, number, unit);
  return end === null ? LAST_DAY : toDay(end - 1);
}
