/** The tasks below one, as an outline, and where a row of it goes when it is moved by a key. */

import type { Id, Place, Task } from "../../sync/things.ts";

export const MOST_LEVELS = 5;

export interface Row {
  task: Task;
  /** From 0, which is right below the task that is open. */
  depth: number;
  /** How many levels are below it. */
  height: number;
  previous: Task | undefined;
  next: Task | undefined;
}

type To = { parent_id?: Id } & (Place | object);

/** The tasks right below one, in their order. */
export type Below = (id: Id) => readonly Task[];

/** All that is below the task, from top to bottom. */
export function outline(below: Below, root: Id, depth = 0): Row[] {
  const siblings = below(root);
  const rows: Row[] = [];
  siblings.forEach((task, index) => {
    const inner = outline(below, task.id, depth + 1);
    const height = Math.max(0, ...inner.map((row) => row.depth - depth));
    rows.push({ task, depth, height, previous: siblings[index - 1], next: siblings[index + 1] });
    rows.push(...inner);
  });
  return rows;
}

/** On which level a task is; 1 has nothing above it. */
export function levelOf(task: Task | undefined, get: (id: Id) => Task | undefined): number {
  let level = 0;
  for (let at = task; at && level < MOST_LEVELS; level += 1) at = at.parent_id === null ? undefined : get(at.parent_id);
  return level;
}

/** Whether a task can be put below another one with all that is below it. */
export function fitsBelow(id: Id, parent: Task, get: (id: Id) => Task | undefined, below: Below): boolean {
  const heights = outline(below, id).map(({ depth }) => depth + 1);
  return levelOf(parent, get) + 1 + Math.max(0, ...heights) <= MOST_LEVELS;
}

/** Where the row goes by one of these moves; null where there is no such place. `level` is that of the task that is open. */
export function moved(row: Row, by: "in" | "out" | "up" | "down", rows: readonly Row[], level: number): To | null {
  const { task, previous, next } = row;
  if (by === "up") return previous ? { before: previous.id } : null;
  if (by === "down") return next ? { after: next.id } : null;
  if (by === "in") {
    const fits = level + row.depth + 1 + row.height + 1 <= MOST_LEVELS;
    return previous && fits ? { parent_id: previous.id, place: "last" } : null;
  }
  const parent = rows.find((each) => each.task.id === task.parent_id);
  return parent?.task.parent_id ? { parent_id: parent.task.parent_id, after: parent.task.id } : null;
}
