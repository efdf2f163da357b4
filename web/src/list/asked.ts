/** What is asked of a person beside a row: what shows it is loaded when it is wanted. */

import { signal } from "@preact/signals";
import { act } from "../app/acting.ts";
import type { Operation, Task } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { selected, selectedTasks, selectNone } from "./selecting.ts";

export interface Asked {
  what: "date" | "list" | "priority" | "tag";
  tasks: readonly Task[];
  anchor: HTMLElement;
}

/** What is being chosen for one task or for many, beside what it was asked at. */
export const asked = signal<Asked | null>(null);
/** The task whose menu is open, and the row that it is beside. */
export const menuOf = signal<{ task: Task; anchor: HTMLElement } | null>(null);

/** For the task, or for all that are selected if it is one of them. */
export function askFor(what: Asked["what"], task: Task, anchor: HTMLElement): void {
  const tasks = selected.value.has(task.id) ? selectedTasks.value : [task];
  asked.value = { what, tasks, anchor };
}

/** Does it to all of them as one act, which is undone as one; `first` what they need. */
export function toAll(
  tasks: readonly Task[],
  operation: (task: Task) => Operation,
  said = words.value.bulk.changed,
  first: readonly Operation[] = [],
): void {
  act([...first, ...tasks.map(operation)], counted(language.value, tasks.length, said));
  selectNone();
}
