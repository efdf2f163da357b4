/**
 * Filters as people write them, such as `today & (@home | #"Do it!") & !p4`, read into a tree. As `filter_text.py` of the server
 * reads them, to the character: both run tests/tasks/filters.json.
 *
 * query  = and *("|" and)          and = not *("&" not)          not = "!" not / "(" query ")" / term
 */

import { mostAlike } from "./alike.ts";
import { type Condition, type Dated, EACH } from "./conditions.ts";
import { type Expected, FilterInvalid, type Sign } from "./filter_invalid.ts";
import { isDay, moment, nextDay, parseMoment } from "./moments.ts";
import { lengthOf, SPACE, strip } from "../sync/texts.ts";
import { MAX_SEARCHED, MOST_TERMS, termsOf } from "./words.ts";

const MAX_LENGTH = 1000;
const MAX_CONDITIONS = 50;
export const MAX_DEPTH = 10;
/** Of a text, in what is told of it. */
const MAX_SHOWN = 40;

const INBOX: Condition = { is: "inbox" };
const NO_PRIORITY: Condition = { is: "priority", priority: "none" };
const having = (what: "due" | "time" | "tags" | "parent"): Condition => ({ is: "having", what });
const not = (of: Condition): Condition => ({ is: "not", of });

const CONDITIONS: Readonly<Record<string, Condition>> = {
  all: EACH,
  today: { is: "between", what: "due", since: moment("today"), before: moment("tomorrow") },
  tomorrow: { is: "between", what: "due", since: moment("tomorrow"), before: moment("tomorrow", 1) },
  overdue: { is: "overdue" },
  "no date": not(having("due")),
  "no time": { is: "every", of: [having("due"), not(having("time"))] },
  "no priority": NO_PRIORITY,
  "no tags": not(having("tags")),
  inbox: INBOX,
  recurring: { is: "recurring" },
  subtask: having("parent"),
  available: { is: "available" },
  completed: { is: "completed" },
  cancelled: { is: "cancelled" },
  p1: { is: "priority", priority: "high" },
  p2: { is: "priority", priority: "medium" },
  p3: { is: "priority", priority: "low" },
  p4: NO_PRIORITY,
};
const DATES = ["due", "start", "created", "completed"];
const NAMED: Readonly<Record<Sign, "list" | "section" | "tag">> = { "#": "list", "/": "section", "@": "tag" };

// Without `u` a letter is no other one's upper case in ASCII; with it, it is so in Python, for two more than in JavaScript.
const LETTERS = "a-z\\u0130\\u0131";
const NO_WORD = "(?![\\p{L}\\p{N}_:-])";
const CONTROL = /(?![\t-\r\x7f-\x9f])\p{Cc}/u;
const DATE = new RegExp(`(${DATES.join("|")}) +(before|after|on)(?![a-z0-9]) *:? *`, "iy");
const DAYS = /(\d+) *days?(?![a-z0-9])/iy;
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])/iy;
const LIST = /list: */iy;
const NUMBER = /\d+ */y;
const QUOTED = /"(?:[^"]|"")+"/y;
const SEARCH = /search: */iy;
// As in `q`, a quotation mark begins a phrase only where a word could begin: 5" is a word.
const SEARCHED = /(?: +|"[^"]*"|[^&|) "][^&|) ]*)+/y;
const SHIFT = / ?([+-]) ?(?=\d+[dwm])/gi;
const UNQUOTED = /[^&|!()"]+/y;
const DATE_WORD = new RegExp(`(?:${DATES.join("|")}) *: *`, "iy");
const JOINING = /(and|or|not)(?![\p{L}\p{N}_])|,/iuy;
const WORD = new RegExp(`(?:no +)?[${LETTERS}]+[1-4]?${NO_WORD}`, "iuy");

const WHOLE = [...Object.keys(CONDITIONS), "\\d+ *days?"].join("|").replaceAll("no ", "no +");
const BEGINNING = `[#@]|/[^ ]|(?:list|search):|(?:${DATES.join("|")}) +(?:before|after|on)(?![a-z0-9])`;
// A condition at the end of a name or in it, where a sign before it was forgotten. The lookaheads keep what they have found, so
// that each run of spaces is looked at once.
const UNJOINED = new RegExp(
  `(?<![ ,])(?=([ ,]+))\\1(?<what>(?:(?:and|or|not)(?=( +))\\3(?:(?:and|or|not)(?=( +))\\4)?)?(?:${BEGINNING}|(?:${WHOLE})[ ,]*$)|(?:and|or|not) *$)`,
  "i",
);

// What is meant by what is said elsewhere.
const INSTEAD = (
  [
    ["no +labels?", "no tags"],
    ["no +(?:parent|subtasks?)", "!subtask"],
    ["no +due(?: +date)?", "no date"],
    ["no +list", "inbox"],
    ["p\\p{Nd}", "p1, p2, p3, p4"],
    ["done", "completed"],
    ["(?:yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday)", "due on $&"],
    ["next +(\\p{Nd}+ *days?)", "$1"],
    ["(?:this|next) +week", "7 days"],
  ] as const
).map(([said, meant]) => [new RegExp(said + NO_WORD, "iuy"), meant] as const);

/** What the text says. Throws FilterInvalid, with the place of the mistake in the text. */
export function parseFilter(text: string): Condition {
  return new Reader(text).read();
}

/** Goes over a text once. */
class Reader {
  readonly #source: string;
  /** With spaces for all white space, so that each character is where it was. */
  readonly #text: string;
  #at = 0;
  #conditions = 0;
  #terms = 0;

  constructor(text: string) {
    this.#source = text;
    this.#text = text.replace(new RegExp(`[${SPACE}]`, "g"), " ");
  }

  read(): Condition {
    if (lengthOf(this.#source) > MAX_LENGTH) throw new FilterInvalid({ what: "shorter" }, MAX_LENGTH);
    const control = CONTROL.exec(this.#source);
    if (control) throw this.#invalid({ what: "no control characters" }, control.index);
    const condition = this.#either(0);
    if (this.#next()) throw this.#stuck();
    return condition;
  }

  #either(depth: number): Condition {
    return this.#joined("|", "either", () => this.#joined("&", "every", () => this.#not(depth)));
  }

  #joined(sign: string, is: "every" | "either", read: () => Condition): Condition {
    const first = read();
    const of = [first];
    while (this.#next() === sign) {
      this.#at++;
      of.push(read());
    }
    return of.length > 1 ? { is, of } : first;
  }

  #not(depth: number): Condition {
    let isNegated = false;
    while (this.#next() === "!") {
      this.#at++;
      isNegated = !isNegated;
    }
    const condition = this.#next() === "(" ? this.#brackets(depth + 1) : this.#term();
    return isNegated ? not(condition) : condition;
  }

  #brackets(depth: number): Condition {
    const opened = this.#at;
    if (depth > MAX_DEPTH) throw this.#invalid({ what: "flatter" });
    this.#at++;
    const condition = this.#either(depth);
    if (!this.#next()) throw this.#invalid({ what: "closing bracket" }, opened);
    if (this.#next() !== ")") throw this.#stuck();
    this.#at++;
    return condition;
  }

  #term(): Condition {
    const sign = this.#next();
    const start = this.#at;
    if (sign === "" || sign === "&" || sign === "|" || sign === ")") throw this.#missing(sign);
    if (++this.#conditions > MAX_CONDITIONS) throw this.#invalid({ what: "fewer conditions" });
    if (sign === "#" || sign === "/" || sign === "@") {
      this.#at++;
      return this.#named(sign);
    }
    const date = this.#take(DATE);
    if (date) return this.#date(lower(date[1]) as Dated, lower(date[2]));
    const days = this.#take(DAYS)?.[1];
    if (days !== undefined) {
      if (days.length > 4) throw this.#invalid({ what: "fewer days" }, start);
      return { is: "between", what: "due", since: moment("today"), before: moment("today", Number(days) + 1) };
    }
    if (this.#take(LIST)) {
      const id = this.#take(ID);
      if (!id) throw this.#invalid({ what: "list id" });
      return { is: "in", list: id[0].toLowerCase() };
    }
    return this.#take(SEARCH) ? this.#search() : this.#word();
  }

  #missing(sign: "" | "&" | "|" | ")"): FilterInvalid {
    const isDoubled = (sign === "&" || sign === "|") && this.#text.slice(0, this.#at).trimEnd().endsWith(sign);
    return this.#invalid(isDoubled ? { what: "condition", instead: { how: "one is enough", text: sign } } : { what: "condition" });
  }

  #named(sign: Sign): Condition {
    const isQuoted = this.#next() === '"';
    const what = NAMED[sign];
    const start = this.#at;
    const found = this.#take(isQuoted ? QUOTED : UNQUOTED);
    if (!found) throw this.#invalid({ what: isQuoted ? "quoted name" : "name", sign });
    if (isQuoted) {
      // As it was written, with whatever white space there is.
      const name = strip(this.#source.slice(start + 1, this.#at - 1).replaceAll('""', '"'));
      const isBeginning = what === "tag" && this.#next() === "*";
      if (isBeginning) this.#at++;
      return { is: "named", what, name, isBeginning };
    }
    if (/^ *[#@]/.test(found[0])) throw this.#invalid({ what: "name", sign, hint: true }, start);
    const unjoined = UNJOINED.exec(found[0]);
    if (unjoined) throw this.#unjoined(sign, unjoined.groups?.["what"] ?? "", start + unjoined.index + (unjoined[1]?.length ?? 0));
    const whole = words(found[0]);
    if (what === "list" && whole.toLowerCase() === "inbox") return INBOX;
    const isBeginning = what === "tag" && whole.endsWith("*");
    const name = isBeginning ? whole.slice(0, -1).trimEnd() : whole;
    if (!name) throw this.#invalid({ what: "beginning of a name" }, start);
    return { is: "named", what, name, isBeginning };
  }

  #date(what: Dated, how: string): Condition {
    const start = this.#at;
    const text = words(this.#take(UNQUOTED)?.[0] ?? "").replace(SHIFT, "$1");
    const found = parseMoment(text);
    if (typeof found === "string") throw this.#invalid({ what: found }, start);
    if (how === "before") return { is: "between", what, before: found };
    if (how === "on") {
      if (!isDay(found)) throw this.#invalid({ what: "day" }, start);
      return { is: "between", what, since: found, before: nextDay(found) };
    }
    return { is: "between", what, since: isDay(found) ? nextDay(found) : found };
  }

  #search(): Condition {
    const start = this.#at;
    const text = (this.#take(SEARCHED)?.[0] ?? "").trim();
    if (this.#next() === '"') throw this.#invalid({ what: "second quotation mark" });
    if (!text) throw this.#invalid({ what: "words" }, start);
    if (lengthOf(text) > MAX_SEARCHED) throw this.#invalid({ what: "shorter search" }, start);
    const terms = termsOf(text).length;
    if (terms === 0) throw this.#invalid({ what: "something to search for" }, start);
    this.#terms += terms;
    if (this.#terms > MOST_TERMS) throw this.#invalid({ what: "fewer words" }, start);
    return { is: "words", text };
  }

  #word(): Condition {
    const start = this.#at;
    const word = words(this.#take(WORD)?.[0].toLowerCase() ?? "");
    const condition = Object.hasOwn(CONDITIONS, word) ? CONDITIONS[word] : undefined;
    if (condition) return condition;
    if (DATES.includes(word) || this.#take(DATE_WORD)) {
      this.#next();
      throw this.#invalid({ what: "before, after, on" });
    }
    if (this.#take(NUMBER)) throw this.#invalid({ what: "days" });
    throw this.#invalid(this.#instead(word, start), start);
  }

  /** What to write in place of what begins here. */
  #instead(word: string, start: number): Expected {
    if (word === "not") return { what: "not" };
    for (const [said, meant] of INSTEAD) {
      said.lastIndex = start;
      const found = said.exec(this.#text);
      if (found) return write(meant.replace("$&", found[0]).replace("$1", found[1] ?? ""));
    }
    // Comparing takes the square of the length.
    const alike = lengthOf(word) <= "no priority".length + 1 ? mostAlike(word, [...Object.keys(CONDITIONS), ...DATES]) : undefined;
    if (alike !== undefined) return { what: "condition", instead: { how: "did you mean", text: alike } };
    UNQUOTED.lastIndex = start;
    const said = (UNQUOTED.exec(this.#text)?.[0] ?? "").trim();
    const isShown = said !== "" && lengthOf(said) <= MAX_SHOWN && !/[\p{C}\p{Z}]/u.test(said.replaceAll(" ", ""));
    return { what: "condition", instead: { how: "search", text: isShown ? said : null } };
  }

  /** The next character that is not a space; none at the end. */
  #next(): string {
    while (this.#text[this.#at] === " ") this.#at++;
    return this.#text.charAt(this.#at);
  }

  /** What matches here, which is then behind. */
  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  /** What is wrong where something follows a condition that cannot. */
  #stuck(): FilterInvalid {
    const following = this.#next();
    if (following === ")") return this.#invalid({ what: "opening bracket" });
    JOINING.lastIndex = this.#at;
    const joining = JOINING.exec(this.#text);
    if (joining) return this.#unjoined(null, joining[0], this.#at);
    return this.#invalid({ what: "sign", ...(/[!("]/.test(following) && { hint: true }) });
  }

  /** What is wrong where this follows without a sign, inside a name if that begins with one. */
  #unjoined(name: Sign | null, following: string, position: number): FilterInvalid {
    const word = lower(words(following).split(" ")[0]).replace(/,+$/, "");
    const isJoining = word === "and" || word === "or" || word === "not";
    return this.#invalid({ what: "sign", ...(isJoining && { inPlaceOf: word }), ...(name && { name }) }, position);
  }

  #invalid(expected: Expected, at = this.#at): FilterInvalid {
    return new FilterInvalid(expected, lengthOf(this.#source.slice(0, at)));
  }
}

function write(text: string): Expected {
  return { what: "condition", instead: { how: "write", text: text.toLowerCase() } };
}

const lower = (text: string | undefined): string => (text ?? "").toLowerCase();
/** Without spaces around, and with single ones inside. */
const words = (text: string): string => text.replace(/ +/g, " ").trim();
