/** What is wrong with the text of a filter. In English it is what the server says. */

import type { Simple } from "../../../tasks/filter_invalid.ts";

const CONDITION = "Expected a condition, such as today, overdue, no date, 7 days, due before friday, p1, #list or @tag.";
const EXPECTED: Record<Simple, string> = {
  shorter: "Expected at most 1,000 characters.",
  "no control characters": "Expected no control characters.",
  "fewer conditions": "Expected at most 50 conditions.",
  flatter: "Expected brackets at most 10 deep.",
  "closing bracket": 'Expected a ")" somewhere after this "(".',
  "opening bracket": 'Expected a "(" somewhere before this ")".',
  "fewer days": "Expected a number of days of at most 9999.",
  "list id": "Expected the id of a list after list:.",
  "beginning of a name": "Expected the beginning of a name before *.",
  moment:
    "Expected a date such as 2026-12-01, a word such as today, monday, week or month, perhaps with +7d, -2w or +1m behind it, " +
    "or an instant such as 2026-12-01T09:00:00Z.",
  "day of the calendar": "Expected a day that there is, of the years 1970 to 2200.",
  day: "Expected a day, such as friday or 2026-12-01: something is before or after a time.",
  "second quotation mark": "Expected a second quotation mark to this one.",
  words: "Expected words to search for after search:.",
  "shorter search": "Expected at most 200 characters to search for.",
  "something to search for": "Expected letters, numbers or emoji to search for after search:.",
  "fewer words": "Expected at most 10 words to search for in all.",
  "before, after, on": "Expected before, after or on, as in due before friday.",
  days: "Expected days after the number, as in 7 days.",
  not: "Expected ! in place of not, as in !today.",
};

export const filter = {
  expected: EXPECTED,
  condition: CONDITION,
  oneIsEnough: (sign: string) => `${CONDITION} One ${sign} is enough.`,
  didYouMean: (word: string) => `${CONDITION} Did you mean ${word}?`,
  search: (words: string | null) => `${CONDITION} To search for words, write search:${words ?? "oat milk"}.`,
  write: (conditions: string) => `Expected a condition. Write ${conditions.replace(/, (?=[^,]*$)/, " or ")}.`,
  sign: "Expected & (and) or | (or).",
  inPlaceOf: { and: "Expected & in place of and.", or: "Expected | in place of or.", not: "Expected &! in place of not." },
  name: {
    "#": "Expected the name of a list after #.",
    "/": "Expected the name of a section after /.",
    "@": "Expected the name of a tag after @.",
  },
  quotedName: (sign: string) => `Expected a name in quotation marks, as in ${sign}"Do it!".`,
  hasThis: (sign: string) => `A name that has this in it is put in quotation marks, as in ${sign}"Do it!".`,
  hasSign: 'A name with one of & | ! ( ) in it is put in quotation marks, as in #"Do it!".',
};
