/** What a line of text says of a task: its title, and what else was understood. As `quick/understanding.py` of the server. */

import { toDay } from "../../sync/dates.ts";
import { goesOn } from "../../sync/occurrences.ts";
import { parseRule } from "../../sync/rules.ts";
import type { Moment as Sent, NewReminder, NewTask, Preferences } from "../../sync/things.ts";
import { SPACE, strip } from "../../sync/texts.ts";
import { todayAt } from "./calendar.ts";
import type { Today } from "./calendar.ts";
import { ENGLISH } from "./english.ts";
import { GERMAN } from "./german.ts";
import type { Language } from "./language.ts";
import { marks } from "./marks.ts";
import type { Destination, Piece } from "./marks.ts";
import { asSent, isBehindRequest, reminders } from "./reminders.ts";
import type { Asked } from "./reminders.ts";
import { dueOf, textOf } from "./rule.ts";
import type { Rule } from "./rule.ts";
import { rule } from "./rules.ts";
import { isSpace, Text } from "./text.ts";
import type { Read, Span } from "./text.ts";
import { both, isNothing, momentOf, NOTHING, timeAt, together, when } from "./when.ts";
import type { Moment, When } from "./when.ts";

export type { Destination, Kind, Piece } from "./marks.ts";

export const LANGUAGES: Readonly<Record<Preferences["language"], Language>> = { en: ENGLISH, de: GERMAN };
const MAX_REMINDERS = 20;
/** What has nothing to hold together where something beside it was taken out. */
const LOOSE: ReadonlySet<string> = new Set(",;:-–—");

/** Where and when the line is typed. */
export interface Here {
  now: Temporal.Instant;
  timezone: string;
  lang: Preferences["language"];
  weekStartsOn: Preferences["week_starts_on"];
  /** When a reminder of a whole day comes. */
  dayReminderAt: string;
  /** In their order, those in the archive behind the others: of several with one name, the first is meant. */
  lists: readonly Destination[];
  /** The list that the task is in if the line names none. */
  listId: string | null;
}

/** A task, as it is created, and the places of the text that say so: offsets of UTF-16, as the DOM has them. */
export interface Understood {
  task: NewTask;
  understood: readonly Piece[];
}

/** What the words of a line say, before it is known what they mean together. */
interface Said {
  when: When;
  rule: Rule | null;
  start: When | null;
  reminders: { span: Span; asked: Asked }[];
  places: { kind: "due" | "start" | "recurrence"; span: Span }[];
}

/** The task that this line is. What is not understood stays in the title. */
export function understand(text: string, here: Here): Understood {
  const found = readLine(text, here, true);
  const { recurrence, due } = found.task;
  if (!recurrence || !due) return found;
  const fromCompletion = recurrence.from === "completion";
  const parsed = parseRule(recurrence.rule, fromCompletion);
  // `every 999 months` has no second date.
  return parsed && goesOn(parsed, due.date, fromCompletion) ? found : readLine(text, here, false);
}

function readLine(text: string, here: Here, canRecur: boolean): Understood {
  const raw = [...text];
  const words = LANGUAGES[here.lang];
  const today = todayAt(here.now.toZonedDateTimeISO(here.timezone), here.weekStartsOn, here.dayReminderAt);
  const signs = marks(raw, words, here.lists, here.listId);
  const said = readWords(new Text(raw, signs.stops), words, today, canRecur);
  const due = dueMoment(said, today);
  const dated = membersOf(said, due, today);
  const places = said.places.map(({ kind, span: [start, end] }) => ({ kind, start, end, value: dated[kind] }));
  const reminded = remindersOf(said, due, today);
  const pieces = [...signs.pieces, ...places, ...reminded].toSorted((a, b) => a.start - b.start);
  const title = without(raw, pieces, signs.escapes);
  const list = here.listId === null ? {} : { list_id: here.listId };
  if (!title) return { task: { ...list, title: strip(text) }, understood: [] };
  const others = reminded.length > 0 ? { reminders: reminded.map(({ value }) => value) } : {};
  return { task: { ...list, title, ...signs.members, ...dated, ...others }, understood: inUnits(raw, pieces) };
}

function inUnits(raw: readonly string[], pieces: readonly Piece[]): Piece[] {
  const units = [0];
  for (const character of raw) units.push((units.at(-1) ?? 0) + character.length);
  return pieces.map((piece) => ({ ...piece, start: units[piece.start] ?? 0, end: units[piece.end] ?? 0 }));
}

function readWords(text: Text, words: Language, today: Today, canRecur: boolean): Said {
  const said: Said = { when: NOTHING, rule: null, start: null, reminders: [], places: [] };
  let index = 0;
  while (index < text.tokens.length) {
    const { kind, key } = text.at(index);
    const canBegin = kind === "number" || key === "@" || words.starters.has(key);
    const end = canBegin && text.begins(index) ? phrase(text, index, words, today, said, canRecur) : index;
    index = Math.max(end, index + 1);
  }
  return said;
}

/** Read what begins at this token into what is said. Answers the token after it, or the same if it is nothing. */
function phrase(text: Text, index: number, words: Language, today: Today, said: Said, canRecur: boolean): number {
  const marked = markedDate(text, index, words, today, said);
  if (marked !== null) return marked;
  const reminded = reminders(text, index, words, today);
  for (const { asked, start, end } of reminded) said.reminders.push({ span: spanOf(text, start, end), asked });
  const last = reminded.at(-1);
  if (last) return last.end;
  const repeated = rule(text, index, words, today);
  if (repeated) {
    // "every month on Friday" belongs to the title as a whole.
    return (canRecur ? repeats(text, index, repeated, words, said) : null) ?? together(text, repeated[1], words, today)[1];
  }
  const found = when(text, index, words, today);
  if (found?.when) isDue(said, found.when, spanOf(text, index, found.end));
  return found?.end ?? index;
}

/** Note that it is repeated so, if that does not contradict what was said before. Answers the token after it, then. */
function repeats(text: Text, index: number, [read, end]: Read<Rule | null>, words: Language, said: Said): number | null {
  const merged = read && both(said.when, read.when);
  if (!merged || said.rule) return null;
  [said.rule, said.when] = [read, merged];
  // "Remind me every day to stretch"
  const last = said.reminders.length > 0 && isBehindRequest(text, index, words) ? text.skip(words.remindTo, end) : end;
  said.places.push({ kind: "recurrence", span: spanOf(text, index, last) });
  return last;
}

/** Note that it is due then, if that does not contradict what was said before. */
function isDue(said: Said, moment: When, span: Span): void {
  const merged = both(said.when, moment);
  if (!merged) return;
  said.when = merged;
  said.places.push({ kind: "due", span });
}

function spanOf(text: Text, index: number, end: number): Span {
  return [text.at(index).start, text.at(end - 1).end];
}

/** `start: Monday`, `due: Friday`. */
function markedDate(text: Text, index: number, words: Language, today: Today, said: Said): number | null {
  const found = text.word(words.marks, index);
  if (!found || !text.isGlued(found[1], ":")) return null;
  const [moment, end] = together(text, found[1] + 1, words, today);
  if (end === found[1] + 1) return null;
  const span = spanOf(text, index, end);
  if (found[0] === "due") isDue(said, moment, span);
  else if (!said.start) {
    said.start = moment;
    said.places.push({ kind: "start", span });
  }
  return end;
}

/** What the words say, as a new task has it. */
function membersOf(said: Said, due: Moment | null, today: Today): Pick<NewTask, "due" | "recurrence" | "start"> {
  const from = said.rule?.fromCompletion ? "completion" : "due";
  return {
    ...(due && { due: asMoment(due) }),
    ...(due && said.rule && { recurrence: { rule: textOf(said.rule, today, due[0]), from } }),
    ...(said.start && { start: asMoment(momentOf(said.start, today)) }),
  };
}

function remindersOf(said: Said, due: Moment | null, today: Today): (Piece & { value: NewReminder })[] {
  const start = said.start && momentOf(said.start, today);
  const all = said.reminders.flatMap(({ span, asked }) => {
    const value = asSent(asked, due, start, today, said.rule !== null);
    return value ? [{ kind: "reminder" as const, start: span[0], end: span[1], value }] : [];
  });
  return all.slice(0, MAX_REMINDERS);
}

function dueMoment(said: Said, today: Today): Moment | null {
  if (!said.rule) return isNothing(said.when) ? null : momentOf(said.when, today);
  const at = timeAt(said.when);
  return [said.when.day ? momentOf(said.when, today)[0] : dueOf(said.rule, today, at), at];
}

function asMoment([day, time]: Moment): Sent {
  return { date: toDay(day), time: time && time.slice(0, "HH:MM:SS".length), timezone: null };
}

/** The text without these pieces and backslashes; empty if nothing is left but punctuation. */
function without(raw: readonly string[], pieces: readonly Piece[], escapes: ReadonlySet<number>): string {
  let [title, place] = ["", 0];
  for (const { start, end } of [...pieces, { start: raw.length, end: raw.length }]) {
    const kept = raw.slice(place, start).filter((_, index) => !escapes.has(place + index));
    title = place > 0 ? joined(title, kept.join("")) : kept.join("");
    place = end;
  }
  if (pieces.length > 0) title = trimmed(title);
  return /[^\p{P}\p{Z}\p{C}]/u.test(title) ? strip(title) : "";
}

const LEFT = new RegExp(`^[${SPACE}]+`);
const RIGHT = new RegExp(`[${SPACE}]+$`);

/** Two parts of a title with nothing between them any longer. */
function joined(before: string, after: string): string {
  const [left, right] = [before.replace(RIGHT, ""), after.replace(LEFT, "")];
  if (/[([]$/.test(left) && /^[)\]]/.test(right)) return joined(left.slice(0, -1), right.slice(1));
  if (!right || (after === right && closes(right))) return left + right;
  return left ? `${left} ${right}` : right;
}

/** Whether it begins with punctuation that ends what is before it, and not with a sign like `!2`. */
function closes(text: string): boolean {
  const signs = /^[,.;:!?…)\]}]*/.exec(text)?.[0].length ?? 0;
  return signs > 0 && (signs === text.length || isSpace(text[signs]));
}

function trimmed(title: string): string {
  let found = strip(title);
  while (LOOSE.has(found.charAt(0))) found = found.slice(1).replace(LEFT, "");
  while (LOOSE.has(found.charAt(found.length - 1))) found = found.slice(0, -1).replace(RIGHT, "");
  return found;
}
