/** What is done to a task from its row. */

import { signal } from "@preact/signals";
import { act } from "../app/acting.ts";
import { get } from "../app/store.ts";
import type { Id, Task } from "../../sync/things.ts";
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

/** Up or down among its siblings, or in and out of the task above. Null where there is no such place. */
export function shifted(task: Task, siblings: readonly Task[], way: "up" | "down"): { before: Id } | { after: Id } | null {
  const at = siblings.findIndex((each) => each.id === task.id);
  const beside = siblings[way === "up" ? at - 1 : at + 1];
  if (at < 0 || !beside) return null;
  return way === "up" ? { before: beside.id } : { after: beside.id };
}
