/** An operation as it is kept: with the ids that the server would choose, and with what was on the screen when the person acted. */

import type { AnyThing, Copy } from "./copy.ts";
import { asTags } from "./fold/names.ts";
import { keyOf } from "./texts.ts";
import { newId } from "./ids.ts";
import type { Entry } from "./outbox.ts";
import * as positions from "./positions.ts";
import type { Id, NewReminder, Operation, Things } from "./things.ts";

type Prepared = Pick<Entry, "seen" | "before" | "beside" | "implied"> & { operation: Operation };

/** The operation, after those that make the tags which it names and which are none yet: so they are on the screen at once. */
export function prepared(copy: Copy, said: Operation): Prepared[] {
  const operation = withIds(said);
  const made = newTags(copy, operation).map((name): Prepared => {
    return { operation: { op: "create", kind: "tag", id: newId(), tag: { name } }, seen: 0, before: {}, implied: true };
  });
  const thing = "id" in operation ? copy.get(operation.kind, operation.id) : undefined;
  const beside = neighbours(copy, operation);
  const own = { operation, seen: thing?.revision ?? 0, before: membersBefore(operation, thing) };
  return [...made, beside ? { ...own, beside } : own];
}

function withIds(operation: Operation): Operation {
  if (operation.kind !== "task" || (operation.op !== "create" && operation.op !== "update")) return operation;
  const reminders = operation.task.reminders?.map((each): NewReminder => ({ id: newId(), ...each }));
  return reminders ? ({ ...operation, task: { ...operation.task, reminders } } as Operation) : operation;
}

function newTags(copy: Copy, operation: Operation): string[] {
  if (operation.kind !== "task") return [];
  const named = operation.op === "tag" ? operation.tags : "task" in operation ? (operation.task.tags ?? []) : [];
  if (named.length === 0) return [];
  const known = new Set([...copy.all("tag").values()].map((tag) => keyOf(tag.name)));
  return asTags(copy, named).filter((name) => name && !known.has(keyOf(name)));
}

/** The members that the operation writes, as they are before. */
function membersBefore(operation: Operation, thing: AnyThing | undefined): Record<string, unknown> {
  const now = (thing ?? {}) as Record<string, unknown>;
  return Object.fromEntries(writes(operation, thing).map((name) => [name, now[name]]));
}

/** Not of the content: they say nothing of what a person wrote. */
const BESIDES = new Set(["id", "user_id", "created_at", "updated_at", "revision", "position", "completed_at", "next_id", "series_id"]);

/** The members in which another device's change would be overwritten by it. */
function writes(operation: Operation, thing: AnyThing | undefined): string[] {
  switch (operation.op) {
    case "update":
      return Object.keys((operation as unknown as Record<string, object>)[operation.kind] ?? {});
    case "complete":
    case "reopen":
      return ["is_completed", "is_cancelled"];
    case "move":
      return ["list_id", "section_id", "parent_id"].filter((name) => name in operation.to);
    case "delete":
      return Object.keys(thing ?? {}).filter((name) => !BESIDES.has(name));
    default:
      return [];
  }
}

/** What it is put between: where one of the two is gone when it is sent, the other tells the place. */
function neighbours(copy: Copy, operation: Operation): Entry["beside"] | undefined {
  if (operation.op !== "move" || !("before" in operation.to || "after" in operation.to)) return undefined;
  const { before = null, after = null } = operation.to as { before?: Id; after?: Id };
  const here = copy.get(operation.kind, before ?? after ?? "");
  if (here === undefined) return undefined;
  let next: Things["task" | "list" | "section" | "tag" | "filter"] | undefined;
  for (const each of operation.kind === "task" ? copy.openTasks() : copy.all(operation.kind).values()) {
    if (each.id === operation.id || each.id === here.id || !areSiblings(each, here)) continue;
    const further = positions.compare(each.position, here.position);
    if ((before === null ? further : -further) <= 0) continue;
    const nearer = next === undefined || positions.compare(each.position, next.position) * (before === null ? 1 : -1) < 0;
    if (nearer) next = each;
  }
  const other = next?.id ?? null;
  return before === null ? { before: other, after } : { before, after: other };
}

function areSiblings(one: AnyThing, other: AnyThing): boolean {
  if ("list_id" in one && "list_id" in other && one.list_id !== other.list_id) return false;
  return !("parent_id" in one && "parent_id" in other && one.parent_id !== other.parent_id);
}
