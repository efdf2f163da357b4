/** Lengths of time: `3 days`, `an hour and a half`; and the day that is so far away. As `quick/amounts.py` of the server. */

import { toNumber } from "../../sync/dates.ts";
import { after } from "./calendar.ts";
import type { Day, Today } from "./calendar.ts";
import type { Language, Unit } from "./language.ts";
import type { Read, Text } from "./text.ts";

export type Length = readonly [number: number, unit: Unit | "minute"];

/** `3 days`, `a week`, `1.5 hours`, `half an hour`: a number of units or of minutes. */
export function duration(text: Text, index: number, words: Language): Read<Length> | null {
  const fraction = text.word(words.fractions, index);
  if (fraction) return [[fraction[0], "minute"], fraction[1]];
  const count = amount(text, index, words);
  if (!count) return null;
  const [tenths, following] = count;
  const minutes = text.word(words.minutes, following);
  if (minutes && isAmount(text, following, minutes[1])) return [[Math.floor((tenths * minutes[0]) / 10), "minute"], minutes[1]];
  const unit = text.word(words.units, following);
  return unit && tenths % 10 === 0 && isAmount(text, following, unit[1]) ? [[tenths / 10, unit[0]], unit[1]] : null;
}

/** The number, in tenths. */
function amount(text: Text, index: number, words: Language): Read<number> | null {
  const number = text.number(index);
  if (number === null) {
    const spelled = text.word(words.numbers, index);
    return spelled && [spelled[0] * 10, spelled[1]];
  }
  const following = index + 1;
  const hasTenths = [".", ","].includes(text.at(following).key) && !text.at(following + 1).isSpaced;
  if (!hasTenths) return [number * 10, following];
  const tenths = text.number(following + 1, 1);
  return tenths === null ? null : [number * 10 + tenths, following + 2];
}

/** Whether the unit, if it is a single letter, is glued to its number. */
function isAmount(text: Text, unit: number, following: number): boolean {
  return following === unit + 1 && (text.length(unit) > 1 || !text.at(unit).isSpaced);
}

/** `in 3 days`, `in half an hour`, `2 weeks from now`. */
export function away(text: Text, index: number, words: Language, today: Today): Read<Day> | null {
  const start = text.word(words.in, index);
  const found = duration(text, start?.[1] ?? index, words);
  const ending = found && text.word(words.fromNow, found[1]);
  if (!found || (!start && !ending)) return null;
  const [[number, unit], end] = found;
  const following = ending?.[1] ?? end;
  if (unit === "minute") {
    const { now } = today;
    const minute = now.with({ second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 });
    const local = minute.toInstant().add({ minutes: number }).toZonedDateTimeISO(now.timeZoneId);
    return [{ date: toNumber(local.toPlainDate().toString()), at: local.toPlainTime().toString() }, following];
  }
  const date = after(today.day, number, unit);
  return date === null ? null : [{ date }, following];
}
