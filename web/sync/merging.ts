/** What becomes of what waits when somebody else was faster, and when the server does not take it. */

import type { Problem } from "./client.ts";
import type { AnyThing, Copy } from "./copy.ts";
import { instantToText } from "./dates.ts";
import type { Refusal } from "./http.ts";
import { newId } from "./ids.ts";
import type { Entry, Outbox } from "./outbox.ts";
import type { Records } from "./records.ts";
import { same } from "./same.ts";
import type { Id, Kind, Operation, Task } from "./things.ts";

/** Without the members that all problems have. */
type What = Problem extends infer P ? (P extends Problem ? Omit<P, "id" | "at" | "act"> : never) : never;
type Doing = Entry & { operation: Operation };

/** The members that are the series' and not the task's. */
const OF_THE_SERIES: ReadonlySet<string> = new Set(["due", "start", "recurrence", "reminders"]);

export class Merging {
  readonly #copy: Copy;
  readonly #outbox: Outbox;
  readonly #records: Records;

  constructor(copy: Copy, outbox: Outbox, records: Records) {
    this.#copy = copy;
    this.#outbox = outbox;
    this.#records = records;
  }

  /**
   * Another device has made a thing what it is now: what waits to be done to it is done on top of that, member by member.
   * Where both wrote the same one, what was done here is sent, and what the other wrote is kept and shown.
   */
  rebase(kind: Kind, id: Id, current: AnyThing): void {
    const own = new Set<string>();
    for (const entry of this.#about(kind, id)) {
      if (entry.operation.op === "create" || entry.request !== undefined) continue;
      const left = this.#completedElsewhere(entry, current);
      if (left === undefined) continue;
      this.#clash(left, current, own);
      const now = current as unknown as Record<string, unknown>;
      const before: Record<string, unknown> = {};
      for (const [member, value] of Object.entries(left.before)) before[member] = own.has(member) ? value : now[member];
      for (const member of Object.keys(before)) own.add(member);
      this.#records.put("entries", { ...left, before, seen: current.revision });
    }
  }

  /**
   * The thing is at this revision by an own operation, which was done on top of another: so are later ones, on top of this one. Not what
   * another tab has said before it knew of what was there: that is still to be rebased.
   */
  follow(kind: Kind, id: Id, revision: number, seen: number): void {
    for (const entry of this.#about(kind, id)) {
      const knew = entry.seen >= seen && entry.seen < revision;
      if (entry.request === undefined && knew) this.#records.put("entries", { ...entry, seen: revision });
    }
  }

  /** The server does not take it, and will not. Answers whether it is to be sent again, changed so that it may be taken. */
  refuse(entry: Entry, status: number, refusal: Refusal): boolean {
    if (refusal.code === "too_many" && refusal.limit === "rows" && !entry.alone) {
      this.#records.put("entries", { ...entry, alone: true });
      return true;
    }
    if (entry.operation.op === "undo") {
      this.#leave(entry, { problem: "refused", code: refusal.code, message: refusal.message });
      return false;
    }
    const changed = elsewhere(entry as Doing, refusal);
    if (changed) {
      this.#records.put("entries", { ...entry, ...changed.entry });
      if (changed.gone) this.tell(entry, { problem: "gone", ...changed.gone });
      return true;
    }
    this.#leave(entry, this.#reason(entry as Doing, status, refusal));
    return false;
  }

  /** What is done about a problem. */
  settling(problem: Problem, choice: "mine" | "theirs" | "next" | "dismiss"): Operation[] | "undo" {
    if (problem.problem === "completed" && choice === "next") return ofTheSeries(problem.act.operations, problem.thing, problem.next);
    if (problem.problem !== "conflict" || choice !== "theirs") return [];
    const { kind, thing: id, fields } = problem;
    const theirs = Object.fromEntries(fields.map(({ field, theirs: value }) => [field, value]));
    const said = problem.act.operations.find((each) => "id" in each && each.id === id);
    if (said?.op === "delete") return "undo";
    if (said?.op === "move") return [{ op: "move", kind, id, to: theirs } as Operation];
    if (said?.op === "complete" || said?.op === "reopen") return [{ op: theirs["is_completed"] ? "complete" : "reopen", kind, id } as Operation];
    return [{ op: "update", kind, id, [kind]: theirs } as unknown as Operation];
  }

  tell(entry: Entry, what: What): void {
    const act = this.#records.get("acts", entry.act);
    const operations = act?.operations ?? (entry.operation.op === "undo" ? [] : [entry.operation]);
    const id = newId();
    const told = { id, key: id, at: instantToText(Temporal.Now.instant()), act: { key: entry.act, operations } };
    this.#records.put("problems", { ...told, ...what });
  }

  /** Undefined: nobody has to be told. */
  #reason({ operation, implied }: Doing, status: number, refusal: Refusal): What | undefined {
    // It is there, or done, as was wanted.
    if ((implied && refusal.code === "tag_exists") || refusal.code === "occurrence_passed") return undefined;
    if (status === 404 && operation.op === "delete") return undefined;
    if (status === 404 && "id" in operation) return { problem: "gone", kind: operation.kind, thing: operation.id };
    return { problem: "refused", code: refusal.code, message: refusal.message };
  }

  #leave(entry: Entry, what: What | undefined): void {
    this.#records.remove("entries", entry.key);
    if (what !== undefined) this.tell(entry, what);
  }

  #about(kind: Kind, id: Id): Doing[] {
    return this.#outbox.entries.filter(({ operation, answered }) => {
      return answered === undefined && operation.op !== "undo" && operation.kind === kind && "id" in operation && operation.id === id;
    }) as Doing[];
  }

  /** What a task of a series should be is said of its successor, where another device has completed it. */
  #completedElsewhere(entry: Doing, current: AnyThing): Doing | undefined {
    const { operation } = entry;
    if (operation.op !== "update" || operation.kind !== "task" || !("next_id" in current) || current.next_id === null) return entry;
    const names = Object.keys(operation.task);
    if (!names.some((name) => OF_THE_SERIES.has(name))) return entry;
    this.tell(entry, { problem: "completed", thing: current.id, next: current.next_id });
    const kept = names.filter((name) => !OF_THE_SERIES.has(name));
    if (kept.length === 0) {
      this.#records.remove("entries", entry.key);
      return undefined;
    }
    const task = Object.fromEntries(kept.map((name) => [name, operation.task[name as keyof typeof operation.task]]));
    const before = Object.fromEntries(kept.map((name) => [name, entry.before[name]]));
    return { ...entry, operation: { ...operation, task }, before };
  }

  #clash(entry: Doing, current: AnyThing, own: ReadonlySet<string>): void {
    const now = current as unknown as Record<string, unknown>;
    const { operation } = entry;
    const fields = Object.keys(entry.before)
      .filter((field) => !own.has(field) && !same(now[field], entry.before[field]))
      .map((field) => ({ field, mine: mine(operation, field), theirs: now[field] }))
      .filter(({ field, mine: said, theirs }) => !agree(said, theirs) || (operation.op === "delete" && field !== "reminders"));
    if (fields.length > 0 && "id" in operation) {
      this.tell(entry, { problem: "conflict", kind: operation.kind, thing: operation.id, fields });
    }
  }

  /** The server's copy of a thing, as it is known here, where that is newer than what was seen: without another request. */
  rebaseOnCopy(entries: readonly Entry[]): void {
    for (const { key } of entries) {
      const entry = this.#records.get("entries", key);
      if (entry === undefined) continue;
      const { operation, seen } = entry;
      if (operation.op === "undo" || operation.op === "create" || !("id" in operation)) continue;
      const now = this.#copy.server(operation.kind, operation.id);
      if (now && now.revision > seen) this.rebase(operation.kind, operation.id, now);
    }
  }
}

/** What the person wrote there; undefined for a thing that was deleted. */
function mine(operation: Operation, field: string): unknown {
  switch (operation.op) {
    case "update":
      return (operation as unknown as Record<string, Record<string, unknown>>)[operation.kind]?.[field];
    case "complete":
      return field === "is_completed" ? true : (operation.is_cancelled ?? false);
    case "reopen":
      return false;
    case "move":
      return (operation.to as Record<string, unknown>)[field];
    default:
      return undefined;
  }
}

/** Whether what both have written is the same. What the server adds (`at`, `occurrence`, `remind_at`) makes no difference. */
function agree(said: unknown, theirs: unknown): boolean {
  if (typeof said !== "object" || said === null || typeof theirs !== "object" || theirs === null) return same(said, theirs);
  return Object.entries(said).every(([name, value]) => agree(value, (theirs as Record<string, unknown>)[name]));
}

/** What was said of a task's place in its series, said of its successor. */
function ofTheSeries(operations: readonly Operation[], id: Id, next: Id): Operation[] {
  return operations.flatMap((each): Operation[] => {
    if (each.op !== "update" || each.kind !== "task" || each.id !== id) return [];
    const task = Object.fromEntries(Object.entries(each.task).filter(([name]) => OF_THE_SERIES.has(name)));
    return [{ ...each, id: next, task }];
  });
}

interface Elsewhere {
  entry: Partial<Entry>;
  gone?: { kind: Kind; thing: Id };
}

/** Another place for what cannot be where it was to be: beside the other neighbour, or last; or in the inbox. */
function elsewhere({ operation, beside }: Doing, refusal: Refusal): Elsewhere | undefined {
  const named = namedIn(refusal);
  if (operation.op === "move" && (refusal.code === "not_a_sibling" || named === "before" || named === "after")) {
    const { before, after, ...to } = operation.to as { before?: Id; after?: Id };
    const others = { before: before === undefined ? beside?.before : null, after: after === undefined ? beside?.after : null };
    const place = others.before ? { before: others.before } : others.after ? { after: others.after } : { place: "last" };
    return { entry: { operation: { ...operation, to: { ...to, ...place } } as Operation, beside: { before: null, after: null } } };
  }
  if (operation.op !== "create" || operation.kind !== "task" || !named) return undefined;
  const kind = { list_id: "list", section_id: "section", parent_id: "task" }[named] as Kind | undefined;
  const thing = operation.task[named as keyof Task & keyof typeof operation.task];
  if (kind === undefined || typeof thing !== "string") return undefined;
  const { [named as "list_id"]: _, ...task } = operation.task;
  return { entry: { operation: { ...operation, task } }, gone: { kind, thing } };
}

/** The member of the operation that names what is not there, or is elsewhere. */
function namedIn({ detail }: Refusal): string | undefined {
  if (!Array.isArray(detail)) return undefined;
  const found = (detail as { loc?: unknown[]; type?: string }[]).find(({ type }) => type === "not_found" || type === "not_in_list");
  const name = found?.loc?.at(-1);
  return typeof name === "string" ? name : undefined;
}
