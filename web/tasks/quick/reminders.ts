/** What a line says of reminders: `remind 30 min before`, `remind at 8am`, `remind me on Friday`. As `quick/reminders.py` of the server. */

import { instantOf, instantToText, MAX_YEAR, toDay } from "../../sync/dates.ts";
import type { NewReminder } from "../../sync/things.ts";
import { duration } from "./amounts.ts";
import type { Length } from "./amounts.ts";
import { MIN_YEAR } from "./calendar.ts";
import type { Time, Today } from "./calendar.ts";
import { clock } from "./clock.ts";
import type { Language } from "./language.ts";
import { rule } from "./rules.ts";
import type { Read, Text } from "./text.ts";
import { momentOf, NOTHING, timeAt, when } from "./when.ts";
import type { Moment, When } from "./when.ts";

const MINUTES_OF_A_DAY = 24 * 60;
const MINUTES: ReadonlyMap<string, number> = new Map([
  ["minute", 1],
  ["day", MINUTES_OF_A_DAY],
  ["week", 7 * MINUTES_OF_A_DAY],
]);
const MAX_MINUTES = 400 * MINUTES_OF_A_DAY;

/** An offset from the date of the task, or a time. */
export type Asked = string | When;

/** The reminders that are asked for at this token, one behind the other, each with its tokens. */
export function reminders(text: Text, index: number, words: Language, today: Today): { asked: Asked; start: number; end: number }[] {
  const all: { asked: Asked; start: number; end: number }[] = [];
  let [start, found] = [index, reminder(text, index, words, today)];
  while (found) {
    const [asked, end] = found;
    all.push({ asked, start, end });
    const joined = typeof asked === "string" ? text.word(words.and, end) : null;
    [start, found] = [end, joined && before(text, joined[1], words)];
  }
  return all;
}

function reminder(text: Text, index: number, words: Language, today: Today): Read<Asked> | null {
  const found = text.word(words.remind, index);
  if (!found) {
    const offset = before(text, index, words); // "eine Stunde vorher erinnern"
    const said = offset && text.word(words.remind, offset[1]);
    if (offset && said && text.ends(said[1])) return [offset[0], said[1]];
    return isBehindRequest(text, index, words) ? alone(text, index, words, today) : null;
  }
  const [asks, start] = found;
  if (index === 0) return asks ? sentence(text, start, words, today) : null;
  if (isOfTitle(text.before(index), words)) return null;
  return before(text, start, words) ?? atTime(text, start, words) ?? (asks ? at(text, start, words, today) : null);
}

/** Whether the line begins with `Remind me`, and this token is next. */
export function isBehindRequest(text: Text, index: number, words: Language): boolean {
  const request = text.word(words.remind, 0);
  return request?.[0] === true && request[1] === index;
}

/** `in 20 minutes` of "Remind me in 20 minutes", which has no other title than its first words. */
function alone(text: Text, index: number, words: Language, today: Today): Read<Asked> | null {
  const found = when(text, index, words, today);
  return found?.when && text.isLast(found.end) ? [found.when, found.end] : null;
}

/** `to` of "Remind me to call Bob tomorrow", `at 5 to` of "Remind me at 5 to call"; of a rule, nothing but that one is asked for. */
function sentence(text: Text, index: number, words: Language, today: Today): Read<Asked> | null {
  const repeated = rule(text, index, words, today);
  if (repeated) return repeated[0] && text.word(words.remindTo, repeated[1]) ? ["PT0M", index] : null;
  const found = when(text, index, words, today);
  const to = text.word(words.remindTo, found?.end ?? index);
  return !to || (found && !found.when) ? null : [found?.when ?? "PT0M", to[1]];
}

/** Whether no reminder is asked for behind this word: `Ask Tom to remind me at 5`, `Send the reminder at 5`. */
function isOfTitle(word: string, words: Language): boolean {
  return words.articles.has(word) || (words.blocking.has(word) && !words.before.firsts.has(word));
}

/** `at 8am`. */
function atTime(text: Text, index: number, words: Language): Read<Asked> | null {
  const said = text.word(words.at, index);
  const found = said && clock(text, said[1], words);
  return found && text.ends(found[1]) ? [{ ...NOTHING, clock: found[0] }, found[1]] : null;
}

/** `on Friday at 8`, `in 20 minutes`; at the end of what is said, or before a rule, when it is due. */
function at(text: Text, index: number, words: Language, today: Today): Read<Asked> | null {
  const found = when(text, index, words, today);
  if (found?.when) return [found.when, found.end];
  const isRule = text.word(words.every, index) ?? text.word(words.adverbs, index);
  return isRule || text.isLast(index) ? ["PT0M", index] : null;
}

/** `30 min before`, `the day before`: the offset. */
function before(text: Text, index: number, words: Language): Read<string> | null {
  const days = text.word(words.daysBefore, index);
  if (days) return [`-P${days[0]}D`, days[1]];
  const found = length(text, index, words);
  const said = found && text.word(words.before, found[1]);
  if (!found || !said || !text.ends(said[1])) return null;
  const [number, unit] = found[0];
  const minutes = MINUTES.get(unit);
  if (minutes === undefined || number * minutes > MAX_MINUTES) return null;
  return [unit === "minute" ? offsetOf(-number) : `-P${number}${unit.slice(0, 1).toUpperCase()}`, said[1]];
}

/** `2 days`, `an hour and 30 minutes`. */
function length(text: Text, index: number, words: Language): Read<Length> | null {
  const found = duration(text, index, words);
  const more = found && duration(text, text.skip(words.and, found[1]), words);
  if (!found || !more || found[0][1] !== "minute" || more[0][1] !== "minute") return found;
  return [[found[0][0] + more[0][0], "minute"], more[1]];
}

/** `-PT1H30M`. */
function offsetOf(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : ""}PT${hours ? `${hours}H` : ""}${rest || !hours ? `${rest}M` : ""}`;
}

/**
 * A reminder as the API takes it; null if it counts from a date, and there is none.
 *
 * A time is one on the day of the task. Of a task that recurs it is an offset, for the next one to have it too.
 */
export function asSent(asked: Asked, due: Moment | null, start: Moment | null, today: Today, recurs: boolean): NewReminder | null {
  const base = due ?? start;
  if (typeof asked === "string") return base && { offset: asked, ...(due ? {} : { relative_to: "start" }) };
  if (!base || asked.day) {
    const [day, time] = momentOf(asked, today);
    return onDay(day, time ?? today.dayReminderAt, today);
  }
  const [day, counted] = base;
  const time = timeAt(asked) ?? today.dayReminderAt;
  // "Flight at 1am remind at 9pm" is the evening before.
  const isTooLate = counted !== null && time > counted;
  const isEvening = isTooLate && (recurs || `${toDay(day - 1)}T${time}` > today.now.toPlainDateTime().toString());
  const from = isEvening ? day - 1 : day;
  if (!recurs) return onDay(from, time, today);
  const seconds = secondsOf(time) - secondsOf(counted ?? today.dayReminderAt);
  return { offset: offsetOf((from - day) * MINUTES_OF_A_DAY + Math.floor(seconds / 60)) };
}

function secondsOf(time: Time): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  return (hours * 60 + minutes) * 60 + seconds;
}

function onDay(day: number, time: Time, today: Today): NewReminder | null {
  const instant = instantOf(toDay(day), time, today.now.timeZoneId);
  const { year } = instant.toZonedDateTimeISO("UTC");
  return year >= MIN_YEAR && year <= MAX_YEAR ? { at: instantToText(instant) } : null;
}
