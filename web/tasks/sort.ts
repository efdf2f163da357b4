/** The orders of tasks (TASKS.md, 5.3), each total. */

import { compare } from "../sync/positions.ts";
import type { Priority, Task } from "../sync/things.ts";
import { type Condition, conjunctsOf } from "./conditions.ts";
import type { Matches } from "./matching.ts";
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

/** What a condition means, by the function for it, in this order. */
export function sorted(index: Index, condition: Condition, sort: Sort, isMeant: Matches): readonly Task[] {
  if (sort === "-completed_at") return index.completed.map((each) => each.task).filter(isMeant);
  const isOfOpen = [...conjunctsOf(condition)].some((part) => part.is === "not" && part.of.is === "completed");
  if (!isOfOpen) return arranged(everything(index).filter((each) => isMeant(each.task)), sort);
  if (sort !== "due") return arranged(index.newest.filter((each) => isMeant(each.task)), sort);
  // Those with a date are in this order already.
  const dated = index.due.items.filter((each) => isMeant(each.task));
  const others = index.newest.filter((each) => each.due === null && isMeant(each.task));
  return [...dated, ...others].map((each) => each.task);
}

function everything(index: Index): readonly Open[] {
  return Array.from(index.client.all("task").values(), (task) => ({ task, due: index.dueOf(task), words: null, below: null })).toSorted(newestFirst);
}

/** Tasks that are there with the newest first, in another order. */
export function arranged(newest: readonly Open[], sort: Exclude<Sort, "-completed_at">): readonly Task[] {
  if (sort === "due") {
    const dated = newest.filter((each) => each.due !== null).toSorted(earliestFirst);
    return [...dated, ...newest.filter((each) => each.due === null)].map((each) => each.task);
  }
  const tasks = newest.map((each) => each.task);
  switch (sort) {
    case "-created_at":
      return tasks;
    case "created_at":
      return tasks.toReversed();
    case "updated_at":
      return tasks.toSorted((a, b) => revisionOf(a) - revisionOf(b));
    case "-updated_at":
      return tasks.toSorted((a, b) => revisionOf(b) - revisionOf(a));
    case "priority":
      return PRIORITIES.flatMap((priority) => tasks.filter((task) => task.priority === priority));
    case "position":
      return tasks.toReversed().toSorted((a, b) => compare(a.position, b.position));
  }
}

/** What the server has not got yet comes after everything that it has. */
const revisionOf = ({ revision }: Task): number => revision || Number.MAX_SAFE_INTEGER;
