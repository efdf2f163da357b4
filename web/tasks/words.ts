/**
 * Words: what tasks are searched by, made alike of what is stored and of what is asked for, as `words.py` of the server does.
 *
 * A task's text is ` oat milk ¶ two litres `: the words of the title, and behind the mark those of the description. What is asked
 * for becomes terms that must all be in it: ` oat` is the beginning of a word, ` oat milk ` is whole words in this order.
 */

import type { Task } from "../sync/things.ts";
import { casefold, isAscii, SPACE } from "../sync/texts.ts";

export const MOST_TERMS = 10;
/** Characters of a text that is searched for. */
export const MAX_SEARCHED = 200;

// Letters with a stroke or a twin, which Unicode does not take apart.
const TWINS: Readonly<Record<string, string>> = {
  ø: "o",
  đ: "d",
  ł: "l",
  ð: "d",
  ħ: "h",
  ŋ: "n",
  ı: "i",
  þ: "th",
  æ: "ae",
  œ: "oe",
};
const THAI_LAO_BURMESE_KHMER = "\\u0e00-\\u0eff\\u1000-\\u109f\\ua9e0-\\ua9ff\\uaa60-\\uaa7f\\u{116d0}-\\u{116ff}\\u1780-\\u17ff";
const CHINESE_JAPANESE =
  "\\u3005-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{1aff0}-\\u{1b16f}\\u{20000}-\\u{3ffff}";
// Where no spaces are written between words, each letter is one. So is each emoji.
const ALONE = new RegExp(`\\p{So}|(?=[${CHINESE_JAPANESE}${THAI_LAO_BURMESE_KHMER}])\\p{L}`, "u");
const VANISHES = /['\u2019\u02bc]|[\u{1f3fb}-\u{1f3ff}]|\p{Cf}/u;
// Those that make another letter of it, or are its vowel, where accents only colour it.
const MARK = `(?:[\\u3099\\u309a]|(?=[${THAI_LAO_BURMESE_KHMER}])\\p{M})`;
const KEPT_MARK = new RegExp(MARK, "u");
// White space behind what is a word by itself; its marks have yet to come in front of that.
const END = "\n";
const MARKS_BEHIND = new RegExp(`${END}(${MARK}+)`, "gu");
const IS_MARK = /\p{M}/u;
const IS_LETTER_OR_NUMBER = /[\p{L}\p{N}]/u;

const spellings = new Map<string, string>(Object.entries(TWINS));
/** Of the characters whose spelling is kept. */
const LAST_KEPT = "\u9fff";

function spelled(character: string): string {
  const known = spellings.get(character);
  if (known !== undefined) return known;
  const spelling = spell(character);
  if (character.length === 1 && character <= LAST_KEPT) spellings.set(character, spelling);
  return spelling;
}

function spell(character: string): string {
  if (ALONE.test(character)) return ` ${character}${END}`;
  if (VANISHES.test(character)) return "";
  if (IS_MARK.test(character)) return KEPT_MARK.test(character) ? character : "";
  return IS_LETTER_OR_NUMBER.test(character) ? character : " ";
}

/** The words of a text, with a space between them. */
export function wordsOf(text: string): string {
  if (isAscii(text)) return text.toLowerCase().replaceAll("'", "").replace(/[^a-z0-9]+/g, " ").trim();
  const folded = casefold(text.normalize("NFKD")).normalize("NFKD");
  return folded.replace(/[^a-z0-9 ]/gu, spelled).replace(MARKS_BEHIND, `$1${END}`).replace(/[ \n]+/g, " ").trim().normalize("NFC");
}

/** The text that a task is found by. */
export function wordsOfTask(task: Pick<Task, "title" | "description">): string {
  const words = wordsOf(task.title);
  const below = task.description ? wordsOf(task.description) : "";
  return below ? ` ${words} ¶ ${below} ` : ` ${words} `;
}

const RUN = new RegExp(`"([^"]*)"|[^${SPACE}]+`, "g");

/** The terms of what is asked for: none if no word is in it. The server takes `MOST_TERMS`. */
export function termsOf(text: string): readonly string[] {
  const terms = new Set<string>();
  for (const [run, quoted] of text.matchAll(RUN)) {
    const words = wordsOf(quoted || run);
    if (words) terms.add(quoted ? ` ${words} ` : ` ${words}`);
  }
  return [...terms];
}

/** Whether a task with these words is found. */
export function matches(words: string, terms: readonly string[]): boolean {
  return terms.every((term) => words.includes(term));
}
