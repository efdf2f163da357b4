/** The words of a language that quick add knows, by what they do in a sentence: `quick/language.py` of the server. */

import type { Priority } from "../../sync/things.ts";
import { Words } from "./text.ts";

export type Unit = "day" | "week" | "month" | "year";
export type PartOfDay = "morning" | "noon" | "afternoon" | "evening" | "night";
export type Amount = readonly [number: number, unit: Unit];

export const HOUR_OF: Readonly<Record<PartOfDay, number>> = { morning: 9, noon: 12, afternoon: 14, evening: 18, night: 20 };

/** Numbers of weekdays count from Monday, which is 0. */
export interface Vocabulary {
  /** Whether a capital letter tells a name from another word. */
  isCapitalising: boolean;
  /** Whether 12/1 is the first of December. */
  isMonthFirst: boolean;
  /** Whether 5:30 is in the morning: only a bare hour may be of the afternoon. */
  is24Hours: boolean;
  /** Whether `daily` before a noun belongs to that noun. */
  hasAdjectives: boolean;

  /** Days by their distance from today. */
  days: Words<number>;
  /** Parts of today. */
  tonight: Words<PartOfDay>;
  weekdays: Words<number>;
  shortWeekdays: Words<number>;
  /** Each of them, in the word itself: mondays. */
  onWeekdays: Words<number>;
  weekdayParts: Words<readonly [number, PartOfDay]>;
  months: Words<number>;
  units: Words<Unit>;
  /** Units of time by their minutes. */
  minutes: Words<number>;
  /** Phrases for a number of minutes, where others have a number and a unit. */
  fractions: Words<number>;
  numbers: Words<number>;
  /** -1 is the last. */
  ordinals: Words<number>;
  /** What makes an ordinal of digits that it follows. */
  ordinalEndings: ReadonlySet<string>;
  hasOrdinalDot: boolean;
  /** Of the next week, month or year. */
  next: Words<boolean>;
  /** The first that comes. */
  this: Words<boolean>;
  weekend: Words<boolean>;
  endOf: Words<boolean>;
  ends: Words<Unit>;
  in: Words<boolean>;
  fromNow: Words<boolean>;
  /** What stands before a day and goes with it; an article alone is less sure. */
  on: Words<"on" | "the">;
  /** What stands before a time and goes with it; some only where nothing follows a bare hour. */
  at: Words<"at" | "by" | "for">;
  /** What stands before a part of a day; whether it is today's. */
  inThe: Words<boolean>;
  and: Words<boolean>;
  of: Words<boolean>;
  parts: Words<PartOfDay>;
  /** Parts of a day that need nothing before them. */
  adverbialParts: Words<PartOfDay>;
  /** Hours that have a name. */
  clockWords: Words<number>;
  isPm: Words<boolean>;
  oClock: Words<boolean>;
  /** Minutes to be added to the hour that follows. */
  past: Words<number>;

  every: Words<boolean>;
  other: Words<number>;
  adverbs: Words<Amount>;
  /** Sets of weekdays, after `every`. */
  everySet: Words<readonly number[]>;
  /** Each of a set of weekdays, in the word itself. */
  sets: Words<readonly number[]>;
  workday: Words<boolean>;
  quarter: Words<boolean>;
  ofEveryMonth: Words<boolean>;
  ofTheMonth: Words<boolean>;
  until: Words<boolean>;
  for: Words<boolean>;
  times: Words<boolean>;
  starting: Words<boolean>;

  /** Whether it asks for a reminder whatever follows: `remind me tomorrow`, and not `Send reminder tomorrow`. */
  remind: Words<boolean>;
  /** What stands between that, at the beginning of a line, and what is to be done. */
  remindTo: Words<boolean>;
  before: Words<boolean>;
  /** Phrases for so many days before. */
  daysBefore: Words<number>;
  /** What says with a colon behind it which date follows. */
  marks: Words<"start" | "due">;
  /** What may stand between `next week` and a day of it, where `by` would begin another date. */
  plainOn: ReadonlySet<string>;
  priorities: ReadonlyMap<string, Priority>;
  estimates: ReadonlyMap<string, number>;

  /** Behind these words a date belongs to the title: "since Monday". */
  blocking: ReadonlySet<string>;
  /** Behind these words a weekday is not a date: "the Friday". */
  articles: ReadonlySet<string>;
  /** With these words before it, the weekday is a name: "Black Friday". */
  beforeNames: ReadonlySet<string>;
  /** What a weekday before it only describes: "Sunday lunch". */
  afterWeekdays: ReadonlySet<string>;
  /** What one does: before such a word a weekday at the very beginning is a date, though a capital may be there for a name. */
  beginnings: ReadonlySet<string>;
  /** What a number before it counts, so that no month goes with the number: "March 5 miles". */
  counted: ReadonlySet<string>;
  /** Behind these words, not always at once, a number with a dot is no time: "Pay Bob 17.30". */
  amounts: ReadonlySet<string>;
  /** Behind these words a number with an `h` is a length: "Study 15h". */
  lengths: ReadonlySet<string>;
}

/** Words with the numbers of their places. */
export function named(words: readonly string[], first = 0): Record<string, number> {
  return Object.fromEntries(words.map((word, index) => [word, index + first]));
}

/** Words with spaces between them. */
export function set(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/).filter(Boolean));
}

export interface Language extends Vocabulary {
  /** The words with which anything can begin. */
  starters: ReadonlySet<string>;
}

export function language(words: Vocabulary): Language {
  const starters = new Set<string>();
  for (const each of Object.values<unknown>({ ...words })) if (each instanceof Words) for (const first of each.firsts) starters.add(first);
  return { ...words, starters };
}
