/** The next request, made of what waits. */

import type { Copy } from "./copy.ts";
import { newId } from "./ids.ts";
import type { Entry, Outbox, SentRequest } from "./outbox.ts";
import type { Records } from "./records.ts";
import type { Id, Operation } from "./things.ts";

/** The newest acts are requests of their own, so that each can be taken back by itself. Older ones go together. */
const APART = 3;
const MOST_OPERATIONS = 500;
const MOST_CHARACTERS = 500_000;

type Doing = Entry & { operation: Operation };

/** The next request; null if there is none to make now. */
export function nextRequest(copy: Copy, outbox: Outbox, records: Records): SentRequest | null {
  const { entries } = outbox;
  const acts = runs(entries.filter((each) => each.answered === undefined));
  const first = acts[0]?.[0];
  if (first === undefined || awaitsFeed(copy, outbox, entries, first)) return null;
  if (first.operation.op === "undo") return undoing(copy.user, first, records);
  const own = ownRequest(copy.user, first, first.operation);
  if (own) return own;
  const batch = new Batch(copy, outbox, entries);
  const together = acts.slice(0, Math.max(1, acts.length - APART));
  for (const [index, act] of together.entries()) {
    if ((index > 0 && !isShareable(act)) || !batch.addAll(act)) break;
    if (index === 0 && !isShareable(act)) break;
  }
  return batch.toRequest(copy.user);
}

/** Whether an operation has to wait for the feed: it is on a successor, of which only the server can say what became. */
function awaitsFeed(copy: Copy, outbox: Outbox, entries: readonly Entry[], entry: Entry): boolean {
  if (entry.operation.op === "undo") return false;
  const ids = entry.seen === 0 && "id" in entry.operation ? [entry.operation.id, ...references(entry.operation)] : references(entry.operation);
  const missing = ids.filter((id) => copy.server("task", id) === undefined);
  if (missing.length === 0) return false;
  const earlier = entries.slice(0, entries.indexOf(entry));
  const made = new Set(earlier.flatMap(({ operation }) => (operation.op === "create" ? [operation.id] : [])));
  if (entry.operation.op === "create") made.add(entry.operation.id);
  return missing.some((id) => !made.has(id) && earlier.some((each) => outbox.touched.get(each.key)?.has(`task ${id}`)));
}

/** The tasks that an operation names beside the one that it is about. */
function references(operation: Operation): Id[] {
  if (operation.kind !== "task" || (operation.op !== "create" && operation.op !== "move")) return [];
  const named: { parent_id?: Id | null; before?: Id; after?: Id } = operation.op === "create" ? operation.task : operation.to;
  return [named.parent_id, named.before, named.after].filter((id) => typeof id === "string");
}

/** The operations of one act each, as far as they follow each other. */
function runs(entries: readonly Entry[]): Entry[][] {
  const found: Entry[][] = [];
  for (const entry of entries) {
    const run = found.at(-1);
    if (run && run[0]?.act === entry.act && entry.operation.op !== "undo") run.push(entry);
    else found.push([entry]);
  }
  return found;
}

/** What deletes something goes by itself: only so can it be brought back by itself, also in 30 days. */
function isShareable(act: readonly Entry[]): boolean {
  return act.every(({ operation, alone }) => operation.op !== "undo" && operation.op !== "delete" && !alone && isOfBatch(operation));
}

function isOfBatch(operation: Operation): boolean {
  if (operation.kind === "preferences" || operation.kind === "notification" || operation.op === "snooze") return false;
  return !(operation.op === "complete" && operation.is_cancelled !== undefined);
}

class Batch {
  readonly #copy: Copy;
  readonly #outbox: Outbox;
  readonly #entries: readonly Entry[];
  readonly #operations: { said: Operation; sent: Record<string, unknown>; keys: string[] }[] = [];
  readonly #acts = new Set<string>();
  /** The things that were written by what is in it already. */
  readonly #about = new Set<string>();
  readonly #touched = new Set<string>();
  #characters = 0;

  constructor(copy: Copy, outbox: Outbox, entries: readonly Entry[]) {
    this.#copy = copy;
    this.#outbox = outbox;
    this.#entries = entries;
  }

  /** Adds the operations of an act, as far as they go with those that are there. Answers whether that is all of them. */
  addAll(act: readonly Entry[]): boolean {
    return act.every((entry) => entry.operation.op !== "undo" && this.#add(entry as Doing));
  }

  #add(entry: Doing): boolean {
    const { operation } = entry;
    if (!("id" in operation) || !isOfBatch(operation) || entry.alone) return false;
    const thing = `${operation.kind} ${operation.id}`;
    // What another device did to it meanwhile would not be seen behind what an earlier one of these does to it.
    if (this.#touched.has(thing) && !this.#about.has(thing)) return false;
    if (this.#operations.length > 0 && awaitsFeed(this.#copy, this.#outbox, this.#entries, entry)) return false;
    const characters = JSON.stringify(operation).length;
    if (this.#operations.length === MOST_OPERATIONS || this.#characters + characters > MOST_CHARACTERS) return this.#operations.length === 0;
    this.#characters += characters;
    if (!this.#coalesce(entry)) {
      const known = entry.seen > 0 && operation.op !== "create" && !this.#about.has(thing);
      this.#operations.push({ said: operation, sent: { ...operation, ...(known ? { if_revision: entry.seen } : {}) }, keys: [entry.key] });
    }
    this.#acts.add(entry.act);
    this.#about.add(thing);
    for (const each of this.#outbox.touched.get(entry.key) ?? []) this.#touched.add(each);
    return true;
  }

  /** An update of what the operation just before it has made or updated is one with it. */
  #coalesce({ operation, key }: Doing): boolean {
    const last = this.#operations.findLast(({ said }) => "id" in said && "id" in operation && said.id === operation.id);
    if (operation.op !== "update" || last === undefined || (last.said.op !== "update" && last.said.op !== "create")) return false;
    const { kind } = operation;
    last.sent[kind] = { ...(last.sent[kind] as object), ...(operation as unknown as Record<string, object>)[kind] };
    last.keys.push(key);
    return true;
  }

  toRequest(user: Id): SentRequest | null {
    if (this.#operations.length === 0) return null;
    const headers: Record<string, string> = this.#acts.size === 1 ? { Undo: "1" } : {};
    return {
      key: newId(),
      method: "POST",
      path: `/api/${user}/tasks/batch`,
      body: { operations: this.#operations.map(({ sent }) => sent) },
      headers,
      entries: this.#operations.map(({ keys }) => keys),
    };
  }
}

const PLURALS = { task: "tasks", list: "lists", section: "sections", tag: "tags", filter: "filters" } as const;

/** The request of an operation that goes by itself; null if it goes into a batch. */
function ownRequest(user: Id, { key, seen, alone }: Entry, operation: Operation): SentRequest | null {
  if (isOfBatch(operation) && !alone) return null;
  const request = (method: SentRequest["method"], path: string, body?: unknown): SentRequest => {
    const matched: Record<string, string> = seen > 0 && operation.kind !== "preferences" ? { "If-Match": `"${seen}"` } : {};
    return { key: newId(), method, path: `/api/${user}/${path}`, body, headers: { Undo: "1", ...matched }, entries: [[key]] };
  };
  if (operation.kind === "preferences") return request("PATCH", "preferences", operation.preferences);
  if (operation.kind === "notification") {
    if (operation.op === "seen") return request("POST", "notifications/seen", { up_to: operation.up_to });
    return request("PATCH", `notifications/${operation.id}`, operation.notification);
  }
  const path = `${PLURALS[operation.kind]}/${operation.id}`;
  switch (operation.op) {
    case "snooze":
      return request("POST", `${path}/reminders/${operation.reminder_id}/snooze`, { until: operation.until });
    case "complete":
      return request("PATCH", `${path}/complete`, completing(operation));
    case "delete":
      return request("DELETE", operation.kind === "list" ? `${path}?tasks=${operation.tasks}` : path);
    case "move":
      return request("POST", `${path}/move`, operation.to);
    case "merge":
      return request("POST", `${path}/merge`, { into: operation.into });
    case "update":
      return request("PATCH", path, (operation as unknown as Record<string, object>)[operation.kind]);
    default:
      return null;
  }
}

function completing({ is_cancelled, subtasks }: Extract<Operation, { op: "complete" }>): Record<string, unknown> {
  return { is_completed: true, ...(is_cancelled === undefined ? {} : { is_cancelled }), ...(subtasks ? { subtasks } : {}) };
}

/** The newest of the act's requests is taken back first. Null while an answer is still to come. */
function undoing(user: Id, { key, act }: Entry, records: Records): SentRequest | null {
  const token = records.get("acts", act)?.tokens.at(-1);
  if (token === undefined) return null;
  return { key: newId(), method: "POST", path: `/api/${user}/undo/${token}`, body: undefined, headers: {}, entries: [[key]] };
}
