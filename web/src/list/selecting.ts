/** Many tasks at once. */

import { computed, signal } from "@preact/signals";
import { get } from "../app/store.ts";
import type { Id, Task } from "../../sync/things.ts";

export const selected = signal<ReadonlySet<Id>>(new Set());
/** From where a range goes: what was selected last by itself. */
let anchor: Id | null = null;

/** Those that are still there. */
export const selectedTasks = computed<readonly Task[]>(() =>
  [...selected.value].flatMap((id) => {
    const task = get("task", id);
    return task ? [task] : [];
  }),
);

export function select(id: Id, isSelected = !selected.value.has(id)): void {
  const next = new Set(selected.value);
  if (isSelected) next.add(id);
  else next.delete(id);
  selected.value = next;
  anchor = id;
}

/** Everything from the last one to this one, in the order of the list. */
export function selectTo(id: Id, order: readonly Id[]): void {
  const [from, to] = [order.indexOf(anchor ?? id), order.indexOf(id)].toSorted((a, b) => a - b);
  if (from === undefined || to === undefined || from < 0) return select(id, true);
  selected.value = new Set([...selected.value, ...order.slice(from, to + 1)]);
}

export function selectNone(): void {
  if (selected.value.size > 0) selected.value = new Set();
  anchor = null;
}
