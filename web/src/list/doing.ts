/** What is done to a task from its row. */

import { signal } from "@preact/signals";
import { act } from "../app/acting.ts";
import { get } from "../app/store.ts";
import type { Id, Moment, Task, TaskChanges } from "../../sync/things.ts";
import { words } from "../words/words.ts";

/** The task whose title is edited in its row. */
export const editing = signal<Id | null>(null);

export function toggle(task: Task): void {
  const says = words.value.task;
  if (task.is_completed) act({ op: "reopen", kind: "task", id: task.id }, says.reopened);
  else act({ op: "complete", kind: "task", id: task.id }, says.completed);
}

export function rename(id: Id, typed: string): void {
  editing.value = null;
  const title = typed.trim();
  if (title && title !== get("task", id)?.title) act({ op: "update", kind: "task", id, task: { title } });
}

export function remove(task: Task): void {
  act({ op: "delete", kind: "task", id: task.id }, words.value.task.deleted);
}

export function cancel(task: Task): void {
  act({ op: "complete", kind: "task", id: task.id, is_cancelled: true }, words.value.task.cancelledIt);
}

/** The date that the task stands for; it is the same task at the next one. */
export function skip(task: Task): void {
  const occurrence = task.recurrence?.occurrence ?? task.due?.date;
  if (occurrence) act({ op: "skip", kind: "task", id: task.id, occurrence }, words.value.task.skipped);
}

/** What a date is changed with: nothing recurs without one. */
export function dated(task: Task, member: "due" | "start", moment: Moment | null): TaskChanges {
  const ends = member === "due" && moment === null && task.recurrence !== null;
  return { [member]: moment, ...(ends ? { recurrence: null } : {}) };
}

/** Up or down among its siblings, or in and out of the task above. Null where there is no such place. */
export function shifted(task: Task, siblings: readonly Task[], way: "up" | "down"): { before: Id } | { after: Id } | null {
  const at = siblings.findIndex((each) => each.id === task.id);
  const beside = siblings[way === "up" ? at - 1 : at + 1];
  if (at < 0 || !beside) return null;
  return way === "up" ? { before: beside.id } : { after: beside.id };
}
