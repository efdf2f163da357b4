/** Rules of months and years: `1st and 15th`, `3rd Monday`, `last day of every month`, `June 14`. As `quick/monthly.py` of the server. */

import { modulo, monthsLater, partsOf } from "../../sync/dates.ts";
import { WEEKDAYS } from "../../sync/rules.ts";
import { dateOf, LONGEST_MONTH, monthFrom, MONTHS, MOST_OF_A_WEEKDAY, ofMonth, WORKDAYS } from "./calendar.ts";
import { monthAndDay, ordinal } from "./dated.ts";
import type { Language } from "./language.ts";
import { rule } from "./rule.ts";
import type { Rule } from "./rule.ts";
import type { Read, Text } from "./text.ts";

const MOST_WORKDAYS = 23;
const IN_EVERY_MONTH = 28;
const LEAP_YEAR = 2028;
/** So many days of a month are read; more would make a hostile line long. */
const MOST_DAYS = 8;

/** `June 14`. */
export function yearly(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = monthAndDay(text, index, words);
  if (!found) return null;
  const [{ month, day }, end] = found;
  if (dateOf(LEAP_YEAR, month, day) === null) return null;
  const isLeapDay = month === 2 && day === 29;
  const days = [["BYMONTHDAY", isLeapDay ? "28,29" : String(day)], ...(isLeapDay ? [["BYSETPOS", "-1"]] : [])] as const;
  const inYear = (year: number): number | null => monthsLater(dateOf(year, month, 1) ?? 0, 0, day);
  const first = (start: number): number | null => {
    const { year } = partsOf(start);
    const there = inYear(year);
    return there !== null && there >= start ? there : inYear(year + 1);
  };
  return [{ ...rule("year"), parts: [["BYMONTH", String(month)], ...days] as Rule["parts"], first }, end];
}

/** Days of a month, `of every month` if there must be that. */
export function monthly(text: Text, index: number, words: Language, isOfEvery = false): Read<Rule> | null {
  const [numbers, end] = numbersAt(text, index, words);
  const [one, ...more] = numbers;
  if (one === undefined) return null;
  const named = more.length === 0 ? nth(text, one, end, words) : null;
  const [made, following] = named ?? [onDays(numbers), end];
  const of = text.word(words.ofEveryMonth, following) ?? (isOfEvery ? null : text.word(words.ofTheMonth, following));
  // "every first prize", "every last one": a number in words says no day by itself.
  const isSpelled = text.at(following - 1).kind === "word" && text.word(words.ordinals, following - 1) !== null;
  if (!of && (isOfEvery || (!named && isSpelled))) return null;
  return [made, of?.[1] ?? following];
}

function numbersAt(text: Text, index: number, words: Language): Read<readonly number[]> {
  const numbers: number[] = [];
  let end = index;
  while (numbers.length < MOST_DAYS) {
    const start = numbers.length === 0 ? end : nextOfSeries(text, end, words);
    const found = ordinal(text, numbers.length === 0 ? start : text.skip(words.on, start), words);
    if (!found || (numbers.length > 0 && start === end)) break;
    numbers.push(found[0]);
    end = found[1];
  }
  return [numbers, end];
}

/** The token behind a comma or an `and`, or both. */
export function nextOfSeries(text: Text, index: number, words: Language): number {
  const { kind, key } = text.at(index);
  return text.skip(words.and, kind === "sign" && [",", "/", "&"].includes(key) ? index + 1 : index);
}

/** `Monday`, `day` or `workday` behind the number. */
function nth(text: Text, number: number, end: number, words: Language): Read<Rule> | null {
  const day = text.word(words.weekdays, end) ?? text.word(words.shortWeekdays, end);
  if (day && number <= MOST_OF_A_WEEKDAY) {
    const parts: Rule["parts"] = [["BYDAY", `${number}${WEEKDAYS[day[0]]}`]];
    return [{ ...rule("month"), parts, first: inMonths([day[0]], number) }, day[1]];
  }
  const unit = text.word(words.units, end);
  if (unit?.[0] === "day") return [onDays([number]), unit[1]];
  const workday = text.word(words.workday, end);
  if (!workday || number > MOST_WORKDAYS) return null;
  const byday = WORKDAYS.map((each) => WEEKDAYS[each]).join(",");
  const parts: Rule["parts"] = [
    ["BYDAY", byday],
    ["BYSETPOS", String(number)],
  ];
  return [{ ...rule("month"), parts, first: inMonths(WORKDAYS, number) }, workday[1]];
}

/** On these days of the month; where it has not that many, on its last if it is one day. */
function onDays(numbers: readonly number[]): Rule {
  const days = new Set(numbers);
  const [one = 0] = numbers;
  const isClamped = numbers.length === 1 && one > IN_EVERY_MONTH;
  if (isClamped) for (let each = IN_EVERY_MONTH; each <= one; each++) days.add(each);
  // The last day is behind the others.
  const sorted = [...days].toSorted((a, b) => modulo(a, LONGEST_MONTH + 1) - modulo(b, LONGEST_MONTH + 1));
  const byDay = ["BYMONTHDAY", sorted.join(",")] as const;
  return { ...rule("month"), parts: isClamped ? [byDay, ["BYSETPOS", "-1"]] : [byDay], first: onOneOf(numbers) };
}

function onOneOf(numbers: readonly number[]): Rule["first"] {
  return (start) => {
    const found = [0, 1].flatMap((months) => {
      const month = monthFrom(start, months);
      return month === null ? [] : numbers.map((each) => monthsLater(month, 0, each < 0 ? LONGEST_MONTH : each) ?? 0);
    });
    return Math.min(...found.filter((each) => each >= start));
  };
}

function inMonths(weekdays: readonly number[], number: number): Rule["first"] {
  return (start) => {
    // A fifth Monday is in one of three.
    for (let months = 0; months <= MONTHS; months++) {
      const month = monthFrom(start, months);
      const found = month === null ? null : ofMonth(month, weekdays, number);
      if (found !== null && found >= start) return found;
    }
    return null;
  };
}
