/** The orders of tasks (TASKS.md, 5.3), each total. */

import { compare } from "../sync/positions.ts";
import type { Priority, Task } from "../sync/things.ts";
import { type Condition, isOfCompleted } from "./conditions.ts";
import { earliestFirst, type Index, newestFirst, type Open } from "./index.ts";

export type Sort = "-created_at" | "created_at" | "-updated_at" | "updated_at" | "due" | "priority" | "position" | "-completed_at";
export const SORTS: readonly Sort[] = ["-created_at", "created_at", "-updated_at", "updated_at", "due", "priority", "position", "-completed_at"];

const PRIORITIES: readonly Priority[] = ["high", "medium", "low", "none"];

/** The order that a saved filter prefers, if what it means can be had in it; otherwise the newest come first. */
export function orderOf(condition: Condition, preferred: string | null): Sort {
  const sort = SORTS.find((each) => each === preferred);
  const parts = [...conjunctsOf(condition)];
  if (sort === "position" && !parts.some((part) => part.is === "inbox" || part.is === "in")) return "-created_at";
  if (sort === "-completed_at" && !parts.some((part) => part.is === "completed")) return "-created_at";
  return sort ?? "-created_at";
}

function* conjunctsOf(condition: Condition): Generator<Condition> {
  if (condition.is !== "every") yield condition;
  else for (const part of condition.of) yield* conjunctsOf(part);
}

/** All that a condition may mean, in this order: open tasks alone, unless it speaks of completed ones. */
export function candidates(index: Index, condition: Condition, sort: Sort): readonly Task[] {
  if (sort === "-completed_at") return index.completed;
  const open = isOfCompleted(condition) ? everything(index) : index.newest;
  if (sort === "due") {
    const dated = isOfCompleted(condition) ? open.filter((each) => each.due !== null).toSorted(earliestFirst) : index.due.items;
    return [...dated, ...open.filter((each) => each.due === null)].map((each) => each.task);
  }
  return arranged(open.map((each) => each.task), sort);
}

function everything(index: Index): readonly Open[] {
  return Array.from(index.client.all("task").values(), (task) => ({ task, due: index.dueOf(task) })).toSorted(newestFirst);
}

/** Tasks that are there with the newest first, in another order. */
function arranged(newest: Task[], sort: Exclude<Sort, "due" | "-completed_at">): Task[] {
  switch (sort) {
    case "-created_at":
      return newest;
    case "created_at":
      return newest.toReversed();
    case "updated_at":
      return newest.toSorted((a, b) => a.revision - b.revision);
    case "-updated_at":
      return newest.toSorted((a, b) => b.revision - a.revision);
    case "priority":
      return PRIORITIES.flatMap((priority) => newest.filter((task) => task.priority === priority));
    case "position":
      return newest.toReversed().toSorted((a, b) => compare(a.position, b.position));
  }
}
