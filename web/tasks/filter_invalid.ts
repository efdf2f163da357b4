/** What is wrong with the text of a filter. The words for it are the screen's. */

export type Sign = "#" | "/" | "@";

/** What needs nothing else to be said. */
export type Simple =
  | "shorter"
  | "no control characters"
  | "fewer conditions"
  | "flatter"
  | "closing bracket"
  | "opening bracket"
  | "fewer days"
  | "list id"
  | "beginning of a name"
  | "moment"
  | "day of the calendar"
  | "day"
  | "second quotation mark"
  | "words"
  | "shorter search"
  | "something to search for"
  | "fewer words"
  | "before, after, on"
  | "days"
  | "not";

/** What was expected where the mistake is. */
export type Expected =
  | { what: "condition"; instead?: { how: "one is enough" | "did you mean" | "write"; text: string } | Search }
  /** In place of a word, or in a name that begins with this sign. `hint`: what follows may belong to a name. */
  | { what: "sign"; inPlaceOf?: "and" | "or" | "not"; name?: Sign; hint?: true }
  /** `hint`: it begins with what has to be in quotation marks. */
  | { what: "name"; sign: Sign; hint?: true }
  | { what: "quoted name"; sign: Sign }
  | { what: Simple };

/** Words that are to be searched for; null if they cannot be shown. */
interface Search {
  how: "search";
  text: string | null;
}

export class FilterInvalid extends Error {
  readonly expected: Expected;
  /** Where, from 0, in code points. */
  readonly position: number;

  constructor(expected: Expected, position: number) {
    super(`${expected.what} expected at ${position}`);
    this.expected = expected;
    this.position = position;
  }
}
