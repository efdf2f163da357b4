/** What a list is from top to bottom: headings, tasks with their subtasks below them, and where one can be added. */

import type { Id, Task } from "../../sync/things.ts";

export interface Group {
  key: string;
  /** Absent: its tasks stand at the top, without a heading. */
  heading?: string;
  /** The section of which it has the tasks. */
  section?: Id;
  tasks: readonly Task[];
  /** With what a task that is added at its end begins; absent: none can be added there. */
  adds?: { list_id?: Id | null; section_id?: Id | null; due?: string; tags?: readonly string[] };
}

export type Line =
  | { kind: "heading"; key: string; text: string; count: number; group: Group }
  | { kind: "task"; key: Id; task: Task; depth: number; children: number; folded: boolean; group: Group }
  | { kind: "add"; key: string; group: Group };

/** `folded`: the tasks whose subtasks are not shown, and the groups whose tasks are not. */
export function linesOf(groups: readonly Group[], folded: ReadonlySet<string>): readonly Line[] {
  const lines: Line[] = [];
  for (const group of groups) {
    if (group.heading !== undefined) {
      lines.push({ kind: "heading", key: group.key, text: group.heading, count: group.tasks.length, group });
    }
    if (folded.has(group.key)) continue;
    lines.push(...tree(group, folded));
    if (group.adds) lines.push({ kind: "add", key: `${group.key}+`, group });
  }
  return lines;
}

/** Subtasks stand below their parent where that is in the same group; otherwise they stand for themselves. */
function tree(group: Group, folded: ReadonlySet<string>): Line[] {
  const shown = new Set(group.tasks.map((task) => task.id));
  const children = Map.groupBy(group.tasks, (task) => (task.parent_id && shown.has(task.parent_id) ? task.parent_id : null));
  const lines: Line[] = [];
  const add = (task: Task, depth: number) => {
    const below = children.get(task.id) ?? [];
    const isFolded = folded.has(task.id);
    lines.push({ kind: "task", key: task.id, task, depth, children: below.length, folded: isFolded, group });
    if (!isFolded) for (const child of below) add(child, depth + 1);
  };
  for (const task of children.get(null) ?? []) add(task, 0);
  return lines;
}
