/** What is said behind a rule: its time, where it begins, and where it ends. As `quick/rule_ends.py` of the server. */

import { MAX_YEAR, partsOf } from "../../sync/dates.ts";
import { duration } from "./amounts.ts";
import type { Today } from "./calendar.ts";
import type { Language } from "./language.ts";
import { MOST, MOST_TIMES } from "./rule.ts";
import type { Rule } from "./rule.ts";
import type { Read, Text } from "./text.ts";
import { momentOf, NOTHING, together, when as readWhen } from "./when.ts";
import type { When } from "./when.ts";

/** The time, the beginning and the end of it. */
export function tail(text: Text, plain: Rule, index: number, words: Language, today: Today): Read<Rule> {
  let [said, end] = [plain, index];
  for (;;) {
    const start = text.at(end).key === "," ? end + 1 : end;
    const step =
      starting(text, said, start, words, today) ??
      until(text, said, start, words, today) ??
      times(text, said, start, words) ??
      time(text, said, start, words, today);
    if (!step || !text.ends(step[1])) return [said, end];
    [said, end] = step;
  }
}

function time(text: Text, said: Rule, index: number, words: Language, today: Today): Read<Rule> | null {
  const part = text.word(words.parts, index);
  if (part && !said.when.part) return [{ ...said, when: { ...said.when, part: part[0] } }, part[1]];
  const found = readWhen(text, index, words, today);
  if (!found?.when || found.when.day) return null;
  const merged = merge(said.when, found.when);
  return merged && [{ ...said, when: merged }, found.end];
}

/** Both times; null if they contradict each other. */
function merge(before: When, more: When): When | null {
  if ((before.clock && more.clock) || (before.part && more.part)) return null;
  return { ...NOTHING, part: before.part ?? more.part, clock: before.clock ?? more.clock };
}

function starting(text: Text, said: Rule, index: number, words: Language, today: Today): Read<Rule> | null {
  const start = text.word(words.starting, index);
  const found = start && !said.starts ? behind(text, start[1], words, today) : null;
  if (!found || partsOf(momentOf(found[0], today)[0]).year >= MAX_YEAR) return null;
  const [first, end] = found;
  const merged = merge(said.when, first);
  return merged && [{ ...said, starts: { ...first, part: null, clock: null }, when: merged }, end];
}

function until(text: Text, said: Rule, index: number, words: Language, today: Today): Read<Rule> | null {
  const start = text.word(words.until, index);
  const found = start && !hasEnd(said) ? behind(text, start[1], words, today) : null;
  return found && [{ ...said, until: found[0] }, found[1]];
}

function hasEnd({ until: last, count, lasts }: Rule): boolean {
  return last !== null || count !== null || lasts !== null;
}

/** The day behind `starting` or `until`, which is one whatever else would be a title. */
function behind(text: Text, index: number, words: Language, today: Today): Read<When> | null {
  const found = together(text, index, words, today);
  return found[0].day ? found : null;
}

/** `for 5 times`, `for 7 days`, `5 times`. */
function times(text: Text, said: Rule, index: number, words: Language): Read<Rule> | null {
  if (hasEnd(said)) return null;
  const start = text.word(words.for, index);
  const behindFor = start?.[1] ?? index;
  const number = text.number(behindFor, 3);
  const counted = number === null ? null : text.word(words.times, behindFor + 1);
  if (number !== null && counted) {
    return number >= 1 && number <= MOST_TIMES ? [{ ...said, count: number }, counted[1]] : null;
  }
  const found = start && duration(text, start[1], words);
  if (!found) return null;
  const [[length, unit], end] = found;
  return unit === "minute" || length < 1 || length > MOST ? null : [{ ...said, lasts: [length, unit] }, end];
}
