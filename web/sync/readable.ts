/**
 * Whether what is found on the disk is what this version writes. It may be of another version, from a disk that is broken, or
 * written by whoever else: nothing of it may stop the client, and nothing that waits may be dropped for it.
 */

import type { Table } from "./storage.ts";
import type { Kind, Operation } from "./things.ts";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const flag: Check = (value) => typeof value === "boolean";
const object: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const instant: Check = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const maybe = (check: Check): Check => (value) => value === undefined || check(value);
const each = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const eachOf = (check: Check): Check => (value) => object(value) && Object.values(value as object).every(check);
const all = (...checks: readonly Check[]): Check => (value) => checks.every((check) => check(value));

function members(shape: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(shape);
  return (value) => object(value) && checks.every(([name, check]) => check((value as Record<string, unknown>)[name]));
}

const day: Check = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
const moment = orNull(members({ date: day, time: orNull(text), timezone: orNull(text) }));
const owned = { id: text, created_at: text, updated_at: text, revision: number };
const THINGS: { readonly [K in Kind]: Check } = {
  task: members({
    ...owned,
    title: text,
    description: orNull(text),
    is_completed: flag,
    completed_at: orNull(text),
    is_cancelled: flag,
    list_id: orNull(text),
    section_id: orNull(text),
    parent_id: orNull(text),
    position: text,
    priority: text,
    tags: each(text),
    due: moment,
    start: moment,
    estimate_minutes: orNull(number),
    url: orNull(text),
    reminders: each(members({ id: text })),
    recurrence: orNull(members({ rule: text, from: text })),
    series_id: orNull(text),
    next_id: orNull(text),
  }),
  list: members({ ...owned, name: text, color: orNull(text), group: orNull(text), is_archived: flag, position: text }),
  section: members({ ...owned, list_id: text, name: text, position: text }),
  tag: members({ ...owned, name: text, color: orNull(text), position: text }),
  filter: members({ ...owned, name: text, query: text, sort: orNull(text), color: orNull(text), position: text }),
  notification: members({ ...owned, kind: text, task_id: text, reminder_id: text, remind_at: text, is_seen: flag }),
  preferences: members({ user_id: text, revision: number, timezone: text, language: text, theme: text, start_page: text }),
};

const kind: Check = (value) => typeof value === "string" && Object.hasOwn(THINGS, value);

/** By what they do and to what. What a person wrote in them is the server's to judge. */
const OPERATIONS = new Map<string, Check>([
  ["complete task", members({ id: text })],
  ["reopen task", members({ id: text })],
  ["skip task", members({ id: text, occurrence: text })],
  ["tag task", members({ id: text, tags: each(text) })],
  ["untag task", members({ id: text, tags: each(text) })],
  ["snooze task", members({ id: text, reminder_id: text, until: text })],
  ["merge tag", members({ id: text, into: text })],
  ["update preferences", members({ id: text, preferences: object })],
  ["update notification", members({ id: text, notification: object })],
  ["seen notification", members({ up_to: number })],
]);
for (const name of ["task", "list", "section", "tag", "filter"]) {
  OPERATIONS.set(`create ${name}`, members({ id: text, [name]: members({ [name === "task" ? "title" : "name"]: text }) }));
  OPERATIONS.set(`update ${name}`, members({ id: text, [name]: object }));
  OPERATIONS.set(`move ${name}`, members({ id: text, to: object }));
  OPERATIONS.set(`delete ${name}`, members(name === "list" ? { id: text, tasks: text } : { id: text }));
}

export function isOperation(value: unknown): value is Operation {
  if (!object(value)) return false;
  const { op, kind: of } = value as Record<string, unknown>;
  return OPERATIONS.get(`${String(op)} ${String(of)}`)?.(value) ?? false;
}

export function isThing(of: string, value: unknown): boolean {
  return kind(of) && THINGS[of as Kind](value);
}

const undo = members({ op: (value) => value === "undo", act: text });
const sendable: Check = (value) => value === undefined || JSON.stringify(value) !== undefined;
const image: Check = (value) => {
  const { kind: of, before, after } = value as Record<string, unknown>;
  return kind(of) && [before, after].every(orNull((thing) => isThing(String(of), thing)));
};
const act = { key: text, operations: each(isOperation) };
const PROBLEMS = new Map<unknown, Check>([
  ["conflict", members({ kind, thing: text, fields: each(members({ field: text })) })],
  ["gone", members({ kind, thing: text })],
  ["refused", members({ code: text, message: text })],
  ["kept", members({ things: each(members({ kind, id: text })) })],
  ["completed", members({ thing: text, next: text })],
  ["unreadable", members({ content: text })],
]);

const RECORDS: { readonly [T in Table]: Check } = {
  entries: members({
    key: text,
    seq: number,
    act: text,
    at: instant,
    operation: all((value) => isOperation(value) || undo(value), sendable),
    seen: number,
    before: object,
    beside: maybe(members({ before: orNull(text), after: orNull(text) })),
    request: maybe(text),
    answered: maybe(number),
    revision: maybe(number),
  }),
  acts: members({ ...act, at: instant, seq: number, images: eachOf(each(all(members({ id: text }), image))), tokens: each(text) }),
  requests: members({
    key: text,
    method: (value) => value === "POST" || value === "PATCH" || value === "DELETE",
    path: (value) => typeof value === "string" && value.startsWith("/api/"),
    body: sendable,
    headers: eachOf(text),
    entries: each(each(text)),
  }),
  problems: all(members({ id: text, key: text, at: instant, act: members(act) }), (value) => {
    return PROBLEMS.get((value as { problem?: unknown }).problem)?.(value) ?? false;
  }),
};

export function isRecord(table: Table, value: unknown): boolean {
  try {
    return RECORDS[table](value);
  } catch {
    return false; // it cannot even be written as JSON
  }
}

/** All that there is in it, for a person to read, and to copy what they wrote. */
export function contentOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part), 1) ?? String(value);
  } catch {
    return String(value);
  }
}
