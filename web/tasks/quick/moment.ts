/** The moment that a text is, and nothing but that: what is typed where only a date is asked for. */

import { toDay } from "../../sync/dates.ts";
import type { Moment, Preferences } from "../../sync/things.ts";
import { strip } from "../../sync/texts.ts";
import { todayAt } from "./calendar.ts";
import { Text } from "./text.ts";
import { LANGUAGES } from "./understand.ts";
import type { Here } from "./understand.ts";
import { momentOf, together } from "./when.ts";

/** Words without which some moments are none in a sentence: `15th`, `weekend`, `9`. Here nothing else is meant. */
const BEFORE: Readonly<Record<Preferences["language"], readonly string[]>> = {
  en: ["", "on ", "at ", "in "],
  de: ["", "am ", "um ", "in "],
};

/** `next friday 5pm`, `24.12.`, `in 2 weeks`; null if it says anything else, or nothing. */
export function understandMoment(text: string, here: Omit<Here, "lists" | "listId">): Moment | null {
  const words = LANGUAGES[here.lang];
  const today = todayAt(here.now.toZonedDateTimeISO(here.timezone), here.weekStartsOn, here.dayReminderAt);
  for (const before of BEFORE[here.lang]) {
    const said = new Text([...before, ...strip(text)]);
    const [when, end] = together(said, 0, words, today);
    if (end > 0 && end >= said.tokens.length) {
      const [day, time] = momentOf(when, today);
      return { date: toDay(day), time, timezone: null };
    }
  }
  return null;
}
