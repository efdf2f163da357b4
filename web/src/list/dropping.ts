/** What it means to drop tasks somewhere; "Move to…" and the keys do the same. */

import { act } from "../app/acting.ts";
import type { View } from "../app/place.ts";
import { present } from "../app/present.ts";
import { get, index } from "../app/store.ts";
import { fitsBelow } from "../detail/outline.ts";
import type { Id, Operation, Task } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import type { Group } from "./lines.ts";
import { selected } from "./selecting.ts";

export type Target =
  | { kind: "task"; task: Task; group: Group }
  | { kind: "group"; group: Group }
  | { kind: "view"; view: View };
export type Edge = "before" | "inside" | "after";

/** A task that is selected brings all others that are. */
export function dragged(id: Id): readonly Id[] {
  return selected.value.has(id) ? [...selected.value] : [id];
}

/** Null where it means nothing, so that nothing can be dropped there. */
export function dropped(ids: readonly Id[], target: Target, edge: Edge): readonly Operation[] | null {
  const tasks = ids.flatMap((id) => get("task", id) ?? []);
  switch (target.kind) {
    case "task":
      return tasks.some(({ id }) => id === target.task.id || isBelow(target.task, id)) ? null : beside(tasks, target, edge);
    case "group":
      return into(tasks, target.group.adds ?? null);
    case "view":
      return toView(tasks, target.view);
  }
}

export function drop(ids: readonly Id[], target: Target, edge: Edge): void {
  const operations = dropped(ids, target, edge);
  if (operations) act(operations, counted(language.value, operations.length, words.value.bulk.moved));
}

/** Only where tasks stand by their places: in a list, and not by date. */
function beside(tasks: readonly Task[], { task, group }: Extract<Target, { kind: "task" }>, edge: Edge): Operation[] | null {
  if (group.adds?.list_id === undefined) return into(tasks, group.adds ?? null);
  const parent = edge === "inside" ? task : get("task", task.parent_id);
  if (parent && !tasks.every(({ id }) => canBeBelow(id, parent))) return null;
  if (edge === "inside") return tasks.map(({ id }) => move(id, { parent_id: task.id, place: "last" }));
  const { list_id, section_id, parent_id } = task;
  const filed = parent_id ? { parent_id } : { list_id, section_id, parent_id };
  // Each beside the one before it, so that they stay in their order.
  return tasks.map(({ id }, at) => {
    const previous = tasks[at - 1];
    if (previous) return move(id, { ...filed, after: previous.id });
    return move(id, { ...filed, [edge]: task.id });
  });
}

/** There are only so many levels. */
export function canBeBelow(id: Id, parent: Task): boolean {
  const found = index();
  return fitsBelow(id, parent, (each) => get("task", each), (each) => found?.below(each) ?? []);
}

function into(tasks: readonly Task[], adds: Group["adds"] | null): Operation[] | null {
  if (adds?.due) return tasks.map((task) => dueOn(task, adds.due ?? ""));
  if (adds?.tags) return tasks.map(({ id }) => ({ op: "tag", kind: "task", id, tags: adds.tags ?? [] }));
  if (adds?.list_id === undefined) return null;
  const { list_id, section_id = null } = adds;
  return tasks.map(({ id }) => move(id, { list_id, section_id, parent_id: null, place: "last" }));
}

function toView(tasks: readonly Task[], view: View): Operation[] | null {
  switch (view.view) {
    case "inbox":
      return into(tasks, { list_id: null });
    case "list":
      return into(tasks, { list_id: view.id });
    case "tag":
      return into(tasks, { tags: [get("tag", view.id)?.name ?? ""] });
    case "today":
      return into(tasks, { due: present().toPlainDate().toString() });
    default:
      return null;
  }
}

/** On another day at the time that it has. */
function dueOn({ id, due }: Task, date: string): Operation {
  const { time = null, timezone = null } = due ?? {};
  return { op: "update", kind: "task", id, task: { due: { date, time, timezone } } };
}

function move(id: Id, to: Extract<Operation, { op: "move"; kind: "task" }>["to"]): Operation {
  return { op: "move", kind: "task", id, to };
}

function isBelow(task: Task, above: Id): boolean {
  for (let at: Task | undefined = task; at?.parent_id; at = get("task", at.parent_id)) if (at.parent_id === above) return true;
  return false;
}
