/** What a task must be to be found: the tree that a filter's text is read into. Names are as they were named. */

import type { Id, Priority } from "../sync/things.ts";
import type { Moment } from "./moments.ts";

export type Dated = "due" | "start" | "created" | "completed";

export type Condition =
  /** All of them; with none, each task. */
  | { is: "every"; of: readonly Condition[] }
  /** One of them at least. */
  | { is: "either"; of: readonly Condition[] }
  | { is: "not"; of: Condition }
  /** What can be said of a task by itself, and now. */
  | { is: "completed" | "cancelled" | "archived" | "overdue" | "available" | "recurring" }
  /** Whether there is one; `time` is that of its due date. */
  | { is: "having"; what: "due" | "time" | "tags" | "parent" }
  | { is: "inbox" }
  | { is: "in"; list: Id }
  /** In any list or section of this name, or with a tag of it, without regard to case. */
  | { is: "named"; what: "list" | "section" | "tag"; name: string; isBeginning: boolean }
  | { is: "priority"; priority: Priority }
  /** Not before the first moment, and before the second. What has no such date is not between any. */
  | { is: "between"; what: Dated; since?: Moment; before?: Moment }
  /** What is searched for, as it was written. */
  | { is: "words"; text: string };

export const EACH: Condition = { is: "every", of: [] };

/** What it consists of, and whether that is meant or its contrary. */
export function* leavesOf(condition: Condition, isMeant = true): Generator<[Condition, boolean]> {
  if (condition.is === "not") yield* leavesOf(condition.of, !isMeant);
  else if ((condition.is === "every" || condition.is === "either") && condition.of.length > 0) {
    for (const part of condition.of) yield* leavesOf(part, isMeant);
  } else yield [condition, isMeant];
}

/** Whether a filter speaks of completed tasks, or of all. Otherwise only open ones are meant. */
export function isOfCompleted(condition: Condition): boolean {
  for (const [leaf] of leavesOf(condition)) {
    if (leaf.is === "every" || leaf.is === "completed" || leaf.is === "cancelled") return true;
    if (leaf.is === "between" && leaf.what === "completed") return true;
  }
  return false;
}

/** What must all be true. */
export function* conjunctsOf(condition: Condition): Generator<Condition> {
  if (condition.is !== "every") yield condition;
  else for (const part of condition.of) yield* conjunctsOf(part);
}

/** With what goes without saying: open tasks, in no archived list. A list that is named is looked into, archived or not. */
export function meant(condition: Condition): Condition {
  const shown: Condition = { is: "not", of: { is: "archived" } };
  const named = [...leavesOf(condition)].filter(([leaf, isMeant]) => isMeant && namesAList(leaf)).map(([leaf]) => leaf);
  const of = [named.length > 0 ? ({ is: "either", of: [shown, ...named] } as const) : shown, condition];
  return { is: "every", of: isOfCompleted(condition) ? of : [{ is: "not", of: { is: "completed" } }, ...of] };
}

function namesAList(leaf: Condition): boolean {
  return leaf.is === "in" || (leaf.is === "named" && leaf.what === "list");
}
