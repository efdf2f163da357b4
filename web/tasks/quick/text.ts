/**
 * A line of text in tokens that know their places, and the words of a language to compare them with: `quick/text.py` of the server.
 *
 * Places count code points, as on the server. Everything is scanned once from left to right, so that no text takes longer than its
 * length.
 */

import { casefold, isAscii, SPACE } from "../../sync/texts.ts";

/** Behind these something may begin without white space. */
export const OPENING: ReadonlySet<string> = new Set("([{,;:–—");
/** Before these, where nothing but white space follows, something may end. */
export const CLOSING: ReadonlySet<string> = new Set(",.;:!?…)]}");
/** What may follow a word inside a phrase: `mon,wed`, `tue/thu`, `every!`, `start:`. */
const INSIDE: ReadonlySet<string> = new Set(",/&!:");
const APOSTROPHES: ReadonlySet<string> = new Set("'’ʼ");

const IS_SPACE = new RegExp(`^[${SPACE}]$`);
const IS_DECIMAL = /^\p{Nd}$/u;
const IS_LETTER = /^\p{L}$/u;
const IS_MARK = /^\p{M}$/u;
const IS_UPPER = /^\p{Uppercase}$/u;

export function isSpace(character = ""): boolean {
  return IS_SPACE.test(character);
}

export function isDecimal(character = ""): boolean {
  return IS_DECIMAL.test(character);
}

export function isLetter(character = ""): boolean {
  return IS_LETTER.test(character);
}

/** The number that digits of any script are: those of each stand one behind the other, from its zero on. */
export function numberIn(digits: Iterable<string>): number {
  let number = 0;
  for (const digit of digits) number = number * 10 + digitOf(digit);
  return number;
}

function digitOf(character: string): number {
  if (character <= "9") return Number(character);
  const code = character.codePointAt(0) ?? 0;
  let before = 0;
  while (isDecimal(String.fromCodePoint(code - before - 1))) before++;
  return before % 10;
}

/** The word without regard to case, and with `ae` for `ä` and `ss` for `ß`, as people write who have no such key. */
export function folded(word: string): string {
  if (isAscii(word)) return word.toLowerCase();
  return casefold(word.normalize("NFC"))
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replace(/[’ʼ]/g, "'");
}

/** A word, a number, a single sign, or a stop: what is something else already, and ends every phrase. */
export interface Token {
  start: number;
  end: number;
  key: string;
  kind: "word" | "number" | "sign" | "stop";
  /** Whether white space, or nothing, is before it. */
  isSpaced: boolean;
}

export type Span = readonly [start: number, end: number];
/** What was read, and the token after it. */
export type Read<V> = readonly [V, number];

/** Words of one sort, and phrases of several words, with what each stands for. */
export class Words<V> {
  readonly meanings = new Map<string, V>();
  readonly firsts = new Set<string>();
  readonly longest: number = 0;

  /** Several ways to say the same are separated by `|`. */
  constructor(meanings: Readonly<Record<string, V>>) {
    for (const [said, value] of Object.entries(meanings)) {
      for (const each of said.split("|").map(folded)) {
        const words = each.split(" ");
        this.meanings.set(each, value);
        this.firsts.add(words[0] ?? "");
        this.longest = Math.max(this.longest, words.length);
      }
    }
  }
}

/** The tokens of a line. `stops` are spans of it, in their order, that are one token each. */
export class Text {
  readonly raw: readonly string[];
  readonly tokens: readonly Token[];
  readonly #end: Token;
  readonly #ends: boolean[];

  constructor(raw: readonly string[], stops: readonly Span[] = []) {
    this.raw = raw;
    this.#end = { start: raw.length, end: raw.length, key: "", kind: "stop", isSpaced: true };
    this.tokens = tokensOf(raw, stops);
    this.#ends = [];
    for (let index = this.tokens.length - 1; index >= 0; index--) {
      const { kind, key, isSpaced } = this.at(index);
      const closes = kind === "sign" && CLOSING.has(key) && this.ends(index + 1);
      this.#ends[index] = isSpaced || kind === "stop" || closes;
    }
  }

  at(index: number): Token {
    return this.tokens[index] ?? this.#end;
  }

  /** Whether a phrase may end before this token, or behind the last one. */
  ends(index: number): boolean {
    return this.#ends[index] ?? true;
  }

  /** Whether a phrase may begin with this token. */
  begins(index: number): boolean {
    if (index === 0 || this.at(index).isSpaced) return true;
    const before = this.at(index - 1);
    return before.kind === "stop" || (before.kind === "sign" && OPENING.has(before.key));
  }

  /** Whether nothing, or something else already, comes at this token: the end of what is said. */
  isLast(index: number): boolean {
    let last = index;
    while (this.at(last).kind === "sign" && CLOSING.has(this.at(last).key)) last++;
    return this.at(last).kind === "stop";
  }

  /** Whether it is a word like a name's. */
  isCapitalised(index: number): boolean {
    const { kind, key, start } = this.at(index);
    return kind === "word" && key !== "i" && IS_UPPER.test(this.raw[start] ?? "");
  }

  /** The word before this token; empty if there is none. */
  before(index: number): string {
    const before = this.tokens[index - 1];
    return before?.kind === "word" ? before.key : "";
  }

  /** What the longest of these words here stands for, and the token after it. */
  word<V>(words: Words<V>, index: number): Read<V> | null {
    let token = this.at(index);
    let { key } = token;
    let found: Read<V> | null = null;
    if (!words.firsts.has(key)) return null; // so it is nearly always
    for (let following = index + 1; following <= index + words.longest && token.kind === "word"; following++) {
      const value = words.meanings.get(key);
      if (value !== undefined && this.#isWhole(following)) found = [value, following];
      token = this.at(following);
      if (!token.isSpaced) break;
      key = `${key} ${token.key}`;
    }
    return found;
  }

  /** The token after one of these words, if there is one here. */
  skip(words: Words<unknown>, index: number): number {
    return this.word(words, index)?.[1] ?? index;
  }

  /** The number here, if it has no more digits than that. */
  number(index: number, digits = 4): number | null {
    const { kind, start, end } = this.at(index);
    return kind === "number" && end - start <= digits ? numberIn(this.raw.slice(start, end)) : null;
  }

  /** How many characters the token has. */
  length(index: number): number {
    const { start, end } = this.at(index);
    return end - start;
  }

  /** Whether this sign is here, without white space before it. */
  isGlued(index: number, sign: string): boolean {
    const { kind, key, isSpaced } = this.at(index);
    return kind === "sign" && key === sign && !isSpaced;
  }

  #isWhole(index: number): boolean {
    return this.ends(index) || (this.at(index).kind === "sign" && INSIDE.has(this.at(index).key));
  }
}

function tokensOf(raw: readonly string[], stops: readonly Span[]): Token[] {
  const tokens: Token[] = [];
  let [place, isSpaced, next] = [0, true, 0];
  while (place < raw.length) {
    const stop = stops[next] ?? [raw.length, raw.length];
    if (isSpace(raw[place]) && place !== stop[0]) {
      [place, isSpaced] = [place + 1, true];
      continue;
    }
    const token = tokenAt(raw, place, stop, isSpaced);
    if (token.kind === "stop") next++;
    tokens.push(token);
    [place, isSpaced] = [token.end, false];
  }
  return tokens;
}

function tokenAt(raw: readonly string[], start: number, stop: Span, isSpaced: boolean): Token {
  const character = raw[start] ?? "";
  let end = start + 1;
  if (start === stop[0]) return { start, end: stop[1], key: "", kind: "stop", isSpaced };
  if (isDecimal(character)) {
    while (end < stop[0] && isDecimal(raw[end])) end++;
    return { start, end, key: raw.slice(start, end).join(""), kind: "number", isSpaced };
  }
  // U+02BC is a letter, and of no word that it begins.
  if (!isLetter(character) || APOSTROPHES.has(character)) return { start, end, key: character, kind: "sign", isSpaced };
  while (end < stop[0] && isOfWord(raw, end)) end++;
  return { start, end, key: folded(raw.slice(start, end).join("")), kind: "word", isSpaced };
}

function isOfWord(raw: readonly string[], place: number): boolean {
  const character = raw[place] ?? "";
  // Inside a word only: o'clock, Monday's.
  if (APOSTROPHES.has(character)) return isLetter(raw[place - 1]) && isLetter(raw[place + 1]);
  return isLetter(character) || IS_MARK.test(character);
}
