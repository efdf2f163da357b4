/** What repeats: `every other Friday`, `daily at 9`, `first Monday of every month`, `every! 3 days`. As `quick/rules.py` of the server. */

import { duration } from "./amounts.ts";
import { WEEK } from "./calendar.ts";
import type { Today } from "./calendar.ts";
import { ordinal } from "./dated.ts";
import type { Language } from "./language.ts";
import { monthly, nextOfSeries, yearly } from "./monthly.ts";
import { MOST, rule as plain, weekly } from "./rule.ts";
import type { Rule } from "./rule.ts";
import { tail } from "./rule_ends.ts";
import type { Read, Text } from "./text.ts";
import { NOTHING } from "./when.ts";

type Reader = (text: Text, index: number, words: Language) => Read<Rule> | null;

const BEHIND_EVERY: readonly Reader[] = [other, set, numberOf, quarter, yearly, ordinals, part, weekdayPart, onWeekdays];

/** The rule that is said at this token. One that cannot be is null, and belongs to the title. */
export function rule(text: Text, index: number, words: Language, today: Today): Read<Rule | null> | null {
  const found = every(text, index, words) ?? adverb(text, index, words) ?? ofMonth(text, index, words);
  if (!found || !text.ends(found[1])) return null;
  const [said, end] = tail(text, ...found, words, today);
  return [said.fromCompletion && said.parts.length > 0 ? null : said, end];
}

function every(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = text.word(words.every, index);
  if (!found) return null;
  const fromCompletion = text.isGlued(found[1], "!");
  const read = firstOf(BEHIND_EVERY, text, fromCompletion ? found[1] + 1 : found[1], words);
  return read && [{ ...read[0], fromCompletion }, read[1]];
}

function firstOf(readers: readonly Reader[], text: Text, index: number, words: Language): Read<Rule> | null {
  for (const reader of readers) {
    const found = reader(text, index, words);
    if (found) return found;
  }
  return null;
}

/** `other week`, `second Tuesday`: each one is left out. */
function other(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = text.word(words.other, index);
  if (!found) return null;
  const unit = text.word(words.units, found[1]);
  if (unit) return by(text, plain(unit[0], found[0]), unit[1], words);
  const days = weekdays(text, found[1], words);
  if (!days || text.word(words.ofTheMonth, days[1]) || text.word(words.ofEveryMonth, days[1])) return null;
  return [{ ...weekly(days[0]), interval: found[0] }, days[1]];
}

/** `3 days`, `2 weeks on Monday`, `month`. */
function numberOf(text: Text, index: number, words: Language): Read<Rule> | null {
  const unit = text.word(words.units, index);
  if (unit) return text.length(index) > 1 ? by(text, plain(unit[0]), unit[1], words) : null;
  const found = duration(text, index, words);
  if (!found) return null;
  const [[number, of], end] = found;
  return of !== "minute" && number >= 1 && number <= MOST ? by(text, plain(of, number), end, words) : null;
}

/** The rule with the days that are said behind it, if any are: `on Monday`, `on the 15th`, `on June 14`. */
function by(text: Text, said: Rule, end: number, words: Language): Read<Rule> {
  const on = text.word(words.on, end);
  const start = on?.[1] ?? end;
  let found: Read<Rule> | null = null;
  if (said.unit === "week") found = onWeekdays(text, start, words);
  else if (said.unit === "month") found = on && monthly(text, start, words);
  else if (said.unit === "year") found = yearly(text, start, words);
  if (!found || !text.ends(found[1])) return [said, end];
  return [{ ...found[0], interval: said.interval }, found[1]];
}

function set(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = text.word(words.everySet, index);
  return found && [weekly(found[0]), found[1]];
}

function quarter(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = text.word(words.quarter, index);
  return found && [plain("month", 3), found[1]];
}

/** `morning`: every day, then. */
function part(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = text.word(words.parts, index);
  return found && [{ ...plain("day"), when: { ...NOTHING, part: found[0] } }, found[1]];
}

/** `Dienstagabend`. */
function weekdayPart(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = text.word(words.weekdayParts, index);
  return found && [{ ...weekly([found[0][0]]), when: { ...NOTHING, part: found[0][1] } }, found[1]];
}

/** `1st`, `1st and 15th`, `3rd Monday`, `last day of the month`; `3rd day` is each third one. */
function ordinals(text: Text, index: number, words: Language): Read<Rule> | null {
  const found = ordinal(text, index, words);
  if (!found) return null;
  const unit = text.word(words.units, found[1]);
  const isOfMonth = unit && (text.word(words.ofTheMonth, unit[1]) ?? text.word(words.ofEveryMonth, unit[1]));
  if (unit && found[0] > 0 && !isOfMonth) return by(text, plain(unit[0], found[0]), unit[1], words);
  return monthly(text, index, words);
}

/** `on the 15th of every month`, `first Monday of every month`. */
function ofMonth(text: Text, index: number, words: Language): Read<Rule> | null {
  return monthly(text, text.skip(words.on, index), words, true);
}

function onWeekdays(text: Text, index: number, words: Language): Read<Rule> | null {
  const days = weekdays(text, index, words);
  return days && [weekly(days[0]), days[1]];
}

/** `Monday, Wed and Friday`. */
function weekdays(text: Text, index: number, words: Language): Read<readonly number[]> | null {
  const days: number[] = [];
  let end = index;
  while (days.length < WEEK) {
    const next = days.length === 0 ? end : nextOfSeries(text, end, words);
    if (days.length > 0 && next === end) break;
    const start = days.length === 0 ? next : text.skip(words.on, next);
    const found = text.word(words.weekdays, start) ?? text.word(words.shortWeekdays, start) ?? text.word(words.onWeekdays, start);
    if (!found) break;
    days.push(found[0]);
    end = found[1];
  }
  return days.length > 0 ? [days, end] : null;
}

/** `daily`, `monthly on the 15th`, `weekdays`, `montags`. */
function adverb(text: Text, index: number, words: Language): Read<Rule> | null {
  const days = text.word(words.sets, index);
  if (days) return [weekly(days[0]), days[1]];
  const single = text.word(words.onWeekdays, index);
  if (single) return onWeekdays(text, text.skip(words.on, index), words) ?? [weekly([single[0]]), single[1]];
  const found = text.word(words.adverbs, index);
  if (!found) return null;
  const [[number, unit], end] = found;
  const read = by(text, plain(unit, number), end, words);
  const { kind, key } = text.at(end);
  const isAdjective = words.hasAdjectives && read[1] === end && kind === "word" && !words.starters.has(key); // "weekly report"
  return isAdjective ? null : read;
}
