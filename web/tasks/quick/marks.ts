/**
 * What begins with a sign: `#list`, `/section`, `@tag`, `!high`, `~30m`; and what such signs do not reach: escapes and quotes. As
 * `quick/marks.py` of the server.
 */

import type { NewTask } from "../../sync/things.ts";
import { casefold, keyOf, lengthOf, SPACE, strip } from "../../sync/texts.ts";
import type { Language } from "./language.ts";
import { CLOSING, isDecimal, isLetter, isSpace, numberIn, OPENING } from "./text.ts";
import type { Span } from "./text.ts";

const ESCAPED: ReadonlySet<string> = new Set("#/@!~");
const QUOTES: ReadonlyMap<string, string> = new Map(Object.entries({ '"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」" }));
const MAX_TAGS = 50;
const MAX_TAG_LENGTH = 50;
const MAX_ESTIMATE = 525_600;
const LONGEST_NUMBER = 6;
const HOUR = 60;
const IS_NUMERIC = /^\p{N}$/u;
const IS_CONTROL = /\p{Cc}/u;
const SPACES = new RegExp(`[${SPACE}]+`);

/** A list with its sections, or a section. */
export interface Destination {
  id: string;
  name: string;
  sections?: readonly Destination[];
}

export type Kind = "due" | "recurrence" | "list" | "section" | "tag" | "priority" | "reminder" | "estimate" | "start";

/** What was understood of a part of the text. */
export interface Piece {
  kind: Kind;
  start: number;
  end: number;
  value: unknown;
}

type Members = Pick<NewTask, "list_id" | "section_id" | "estimate_minutes" | "priority" | "tags">;

/** What a line's signs say. */
export interface Marks {
  pieces: Piece[];
  members: Members;
  /** What can be no part of a date: these pieces, and quotations. */
  stops: Span[];
  /** Where backslashes are that belong to no title. */
  escapes: Set<number>;
}

interface Mark {
  sign: string;
  start: number;
  end: number;
  /** What stands behind the sign. */
  name: string;
  isQuoted: boolean;
}

/** What the signs of this line say. Sections are those of the list that is named, or else of the list with this id. */
export function marks(raw: readonly string[], words: Language, lists: readonly Destination[], listId: string | null): Marks {
  const found: Marks = { pieces: [], members: {}, stops: [], escapes: new Set() };
  // A section may stand before the list that it is of.
  const seen = scan(raw, found).toSorted((a, b) => Number(a.sign !== "#") - Number(b.sign !== "#"));
  const byName = namesOf(lists);
  let ofList: ReadonlyMap<string, Destination> | null = null;
  for (const mark of seen) {
    if (mark.sign === "#") once(found, "list", "list_id", mark, ...named(mark, byName));
    else if (mark.sign === "/") {
      const of = found.members.list_id ?? listId;
      ofList ??= namesOf(lists.find(({ id }) => id === of)?.sections ?? []);
      once(found, "section", "section_id", mark, ...named(mark, ofList));
    } else if (mark.sign === "@") tag(found, mark);
    else if (mark.sign === "~") once(found, "estimate", "estimate_minutes", mark, estimate(trimmed(mark), words.estimates));
    else once(found, "priority", "priority", mark, words.priorities.get(casefold(mark.sign + trimmed(mark))));
  }
  found.stops.sort(([a], [b]) => a - b);
  return found;
}

/** The places by their names, whatever the case; of several the first. */
function namesOf(places: readonly Destination[]): ReadonlyMap<string, Destination> {
  return new Map(places.toReversed().map((each) => [keyOf(each.name), each]));
}

function named(mark: Mark, places: ReadonlyMap<string, Destination>): [id: string | undefined, name: string] {
  const name = [mark.name, trimmed(mark)].find((each) => places.has(keyOf(strip(each)))) ?? "";
  return [places.get(keyOf(strip(name)))?.id, name];
}

/** Note what the mark says of a member, if it says anything, and it has not been said before. */
function once<K extends keyof Members>(
  found: Marks,
  kind: Kind,
  member: K,
  mark: Mark,
  value: Members[K] | undefined,
  name = trimmed(mark),
): void {
  if (value === undefined || member in found.members) return;
  found.members[member] = value;
  add(found, kind, mark, value, name);
}

/** The signs of this line, with what stands behind each. Notes quotations and escapes. */
function scan(raw: readonly string[], found: Marks): Mark[] {
  const seen: Mark[] = [];
  let [place, mayBegin] = [0, true];
  while (place < raw.length) {
    const character = raw[place] ?? "";
    const following = raw[place + 1] ?? "";
    const quoted = mayBegin && QUOTES.has(character) ? closing(raw, place) : null;
    const isP = (character === "p" || character === "P") && isDecimal(following);
    if (character === "\\" && ESCAPED.has(following)) {
      found.escapes.add(place);
      [place, mayBegin] = [place + 2, false];
    } else if (quoted !== null) {
      found.stops.push([place, quoted]);
      [place, mayBegin] = [quoted, false];
    } else if (mayBegin && (ESCAPED.has(character) || isP)) {
      const mark = markAt(raw, place);
      seen.push(mark);
      [place, mayBegin] = [mark.end, false];
    } else [place, mayBegin] = [place + 1, isSpace(character) || OPENING.has(character)];
  }
  return seen;
}

/** The end of a quotation that begins here: behind its second quotation mark, where one ends something. */
function closing(raw: readonly string[], start: number): number | null {
  for (const quote of QUOTES.get(raw[start] ?? "") ?? "") {
    const end = raw.indexOf(quote, start + 1) + 1;
    const behind = raw[end] ?? "";
    if (end > 0 && !isLetter(behind) && !IS_NUMERIC.test(behind)) return end;
  }
  return null;
}

function markAt(raw: readonly string[], start: number): Mark {
  const sign = raw[start] ?? "";
  const after = start + 1;
  const quoted = "#/@".includes(sign) && QUOTES.has(raw[after] ?? "") ? closing(raw, after) : null;
  if (quoted !== null) return { sign, start, end: quoted, name: raw.slice(after + 1, quoted - 1).join(""), isQuoted: true };
  let end = after;
  while (end < raw.length && !isSpace(raw[end])) end++;
  return { sign, start, end, name: raw.slice(after, end).join(""), isQuoted: false };
}

/** The name without the signs that end a sentence. */
function trimmed({ name, isQuoted }: Mark): string {
  if (isQuoted) return name;
  let end = name.length;
  while (CLOSING.has(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

function tag(found: Marks, mark: Mark): void {
  const name = trimmed(mark);
  const said = strip(name).split(SPACES).join(" ");
  const { tags = [] } = found.members;
  if (!said || lengthOf(said) > MAX_TAG_LENGTH || tags.length === MAX_TAGS || IS_CONTROL.test(said)) return;
  if (!tags.map(keyOf).includes(keyOf(said))) found.members.tags = [...tags, said];
  add(found, "tag", mark, said, name);
}

/** The minutes of `30m`, `1h30`, `1.5h`; none if it is nothing of the kind. */
function estimate(name: string, units: ReadonlyMap<string, number>): number | undefined {
  let [total, last, rest] = [0, 0, name];
  while (rest) {
    const [all, digits = "", word = ""] = /^((?:\p{Nd}[\p{Nd}.,]*)?)(\p{L}*)/u.exec(rest) ?? [""];
    rest = rest.slice(all.length);
    const isMinutes = !word && last === HOUR && !rest; // 1h30
    const unit = isMinutes ? 1 : units.get(casefold(word));
    const number = decimal(digits);
    if (unit === undefined || number === null) return undefined;
    [total, last] = [total + roundToEven(number * unit), unit];
  }
  return total >= 1 && total <= MAX_ESTIMATE ? total : undefined;
}

/** The number of `1,5`, in the digits of any script. */
function decimal(text: string): number | null {
  const [whole = "", tenths = "0", ...more] = text.split(/[.,]/);
  if (!whole || !tenths || more.length > 0 || lengthOf(text) > LONGEST_NUMBER) return null;
  return Number(`${numberIn(whole)}.${[...tenths].map((each) => numberIn([each])).join("")}`);
}

/** As Python rounds. */
function roundToEven(number: number): number {
  const below = Math.floor(number);
  if (number - below !== 0.5) return Math.round(number);
  return below % 2 === 0 ? below : below + 1;
}

function add(found: Marks, kind: Kind, { isQuoted, start, end }: Mark, value: unknown, name: string): void {
  const last = isQuoted ? end : start + 1 + lengthOf(name);
  found.pieces.push({ kind, start, end: last, value });
  found.stops.push([start, last]);
}
