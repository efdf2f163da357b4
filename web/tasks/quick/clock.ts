/** Times of day: `5pm`, `17:30`, `at 9`, `half past eight`, `9 Uhr 30`. As `quick/clock.py` of the server. */

import { modulo } from "../../sync/dates.ts";
import type { Time } from "./calendar.ts";
import { HOUR_OF } from "./language.ts";
import type { Language, PartOfDay } from "./language.ts";
import type { Read, Text } from "./text.ts";

/** Who says 1 to 6 and nothing else means the afternoon. */
const LATEST_OF_AFTERNOON = 6;
const NOON = 12;
/** From this hour on it may be the evening. */
export const EVENING = 5;
const HOURS = 24;
const MINUTES = 60;
const QUARTER = 15;
/** On which hours a part of the day says that they are after noon. */
const LATE_FROM: Readonly<Record<PartOfDay, number>> = { morning: NOON, noon: 1, afternoon: 0, evening: EVENING, night: EVENING };

/**
 * What makes a time of what could be a price (`12.50`) or a length (`12h`): `at` before it; a day before it, too; or, where it is
 * said as times are (`17.30`, `15h`) and prices seldom are, a place of the line where times stand as well.
 */
type Need = "nothing" | "place" | "day" | "at";

/** A time as it is said, which a part of the day may complete. */
export interface Clock {
  hour: number;
  minute: number;
  /** Whether it says itself which half of the day it is in. */
  isSure: boolean;
  /** Whether it is an hour alone, which could be any number. */
  isBare: boolean;
  needs: Need;
}

type Half = Read<boolean>;

function sure(hour: number, minute = 0): Clock {
  return { hour, minute, isSure: true, isBare: false, needs: "nothing" };
}

/** The time that is said here. One that is bare needs something that makes it a time. */
export function clock(text: Text, index: number, words: Language): Read<Clock> | null {
  const named = text.word(words.clockWords, index);
  if (named) return [sure(named[0]), named[1]];
  return past(text, index, words) ?? digits(text, index, words) ?? spelled(text, index, words);
}

/** The time that is meant, on the part of the day that is said beside it. */
export function timeOf({ hour, minute, isSure }: Clock, part: PartOfDay | null): Time {
  if (isSure) return asTime(hour, minute);
  const isLate = part === null ? hour >= 1 && hour <= LATEST_OF_AFTERNOON : hour >= LATE_FROM[part];
  if (isLate && hour < NOON) return asTime(hour + NOON, minute);
  return asTime(part === "night" && hour === NOON ? 0 : hour, minute);
}

/** The time of a part of the day beside which no other is said. */
export function beginning(part: PartOfDay): Time {
  return asTime(HOUR_OF[part], 0);
}

function asTime(hour: number, minute: number): Time {
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}:00`;
}

/** `quarter to 5`, `halb neun`. */
function past(text: Text, index: number, words: Language): Read<Clock> | null {
  const said = text.word(words.past, index);
  const hour = said && hourOf(text, said[1], words);
  if (!said || !hour) return null;
  const all = modulo(hour[0] * MINUTES + said[0], HOURS * MINUTES);
  const [shown, minute] = [Math.floor(all / MINUTES), all % MINUTES];
  const half = text.word(words.isPm, hour[1]);
  if (half && shown < NOON) return [sure(shown + (half[0] ? NOON : 0), minute), half[1]];
  // Half an hour before one is twelve: the half of the day is that of what was said.
  if (hour[0] >= 1 && hour[0] <= LATEST_OF_AFTERNOON) return [sure(shown < NOON ? shown + NOON : shown, minute), hour[1]];
  return [{ ...sure(shown, minute), isSure: hour[0] > NOON }, text.skip(words.oClock, hour[1])];
}

/** `nine`, `neun Uhr`. */
function spelled(text: Text, index: number, words: Language): Read<Clock> | null {
  const hour = text.at(index).kind === "number" ? null : hourOf(text, index, words);
  if (!hour) return null;
  const half = text.word(words.isPm, hour[1]);
  if (half) return halved(hour[0], 0, half);
  const named = text.word(words.oClock, hour[1]);
  return [{ ...sure(hour[0]), isSure: false, isBare: !named }, named?.[1] ?? hour[1]];
}

/** An hour of 0 to 23, in digits or of the first twelve in words. */
function hourOf(text: Text, index: number, words: Language): Read<number> | null {
  const number = text.number(index, 2);
  if (number !== null) return number < HOURS ? [number, index + 1] : null;
  const said = text.word(words.numbers, index);
  const isArticle = text.at(index).key === "a" || text.at(index).key === "an";
  return said && said[0] <= NOON && !isArticle ? said : null;
}

function digits(text: Text, index: number, words: Language): Read<Clock> | null {
  const hour = text.number(index, 2);
  if (hour === null || hour >= HOURS) return null;
  const { minute, end, isDotted } = minutesAt(text, index + 1);
  const half = halfAt(text, end, words);
  if (half) return halved(hour, minute ?? 0, half);
  const named = text.word(words.oClock, end) ?? hAt(text, end);
  const isH = named?.[0] === false;
  // 05 is said by who counts to 24.
  const isSure = hour > NOON || hour === 0 || text.raw[text.at(index).start] === "0";
  let needs: Need = "nothing";
  if (isH || (isDotted && !named)) {
    const isOfDay = isSure || (words.is24Hours && isDotted);
    needs = needOf(text.length(index), isH, isOfDay && (minute ?? 0) % QUARTER === 0);
  }
  const isLength = named && text.word(words.minutes, named[1] + 1); // "15 Uhr 30 Minuten vorher"
  const behind = !named || minute !== null || isLength ? null : twoDigits(text, named[1]);
  if (named && behind !== null && (!isH || !text.at(named[1]).isSpaced)) {
    return [{ ...sure(hour, behind), needs }, named[1] + 1];
  }
  const said = { ...sure(hour, minute ?? 0), isSure: isSure || (words.is24Hours && minute !== null) || isH, needs };
  return named ? [said, named[1]] : [{ ...said, isBare: minute === null }, end];
}

function needOf(length: number, isH: boolean, isSaidSo: boolean): Need {
  if (length === 1) return isH ? "at" : "day";
  return isSaidSo ? "place" : "day";
}

/** The `h` of `15h`, which is no word by itself. */
function hAt(text: Text, index: number): Half | null {
  return text.at(index).key === "h" && !text.at(index).isSpaced ? [false, index + 1] : null;
}

/** Minutes. */
function twoDigits(text: Text, index: number): number | null {
  const minute = text.number(index, 2);
  return minute !== null && minute < MINUTES && text.length(index) === 2 ? minute : null;
}

/** `:30` or `.30` behind an hour: the minutes, the token after them, and whether it was a dot. */
function minutesAt(text: Text, index: number): { minute: number | null; end: number; isDotted: boolean } {
  const isDotted = text.isGlued(index, ".");
  const minute = isDotted || text.isGlued(index, ":") ? twoDigits(text, index + 1) : null;
  if (minute === null || text.at(index + 1).isSpaced) return { minute: null, end: index, isDotted: false };
  return { minute, end: index + 2, isDotted };
}

/** Whether the hour is after noon, as `pm`, `p.m.` say. */
function halfAt(text: Text, index: number, words: Language): Half | null {
  const said = text.word(words.isPm, index);
  if (said) return said;
  const { key } = text.at(index);
  const isLetter = words.isPm.meanings.size > 0 && (key === "a" || key === "p");
  if (!isLetter || !text.isGlued(index + 1, ".") || text.at(index + 2).key !== "m") return null;
  return [key === "p", text.isGlued(index + 3, ".") ? index + 4 : index + 3];
}

function halved(hour: number, minute: number, [isPm, end]: Half): Read<Clock> | null {
  return hour >= 1 && hour <= NOON ? [sure((hour % NOON) + (isPm ? NOON : 0), minute), end] : null;
}
