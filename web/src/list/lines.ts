/** What a list is from top to bottom: headings, the tasks below them, and where one can be added. */

import type { Id } from "../../sync/things.ts";
import type { Row } from "../../tasks/views.ts";

/** With what a task begins that is added in a place. */
export interface Adds {
  list_id?: Id | null;
  section_id?: Id | null;
  due?: string;
  tags?: readonly string[];
}

export interface Group {
  key: string;
  /** Absent: its tasks stand at the top, without a heading. */
  heading?: string;
  /** The section of which it has the tasks. */
  section?: Id;
  rows: readonly Row[];
  count: number;
  /** What a task gets that is dropped there, or added in the line at its end. Absent: none can be. */
  adds?: Adds;
}

export type Line =
  | { kind: "heading"; key: string; text: string; group: Group }
  | ({ kind: "task"; key: Id; group: Group } & Row)
  | { kind: "add"; key: string; group: Group };

/** `folded`: the groups whose tasks are not shown. */
export function linesOf(groups: readonly Group[], folded: ReadonlySet<string>): readonly Line[] {
  return groups.flatMap((group) => {
    const lines: Line[] = [];
    if (group.heading !== undefined) lines.push({ kind: "heading", key: group.key, text: group.heading, group });
    if (folded.has(group.key)) return lines;
    for (const { task, depth, subtasks, isFolded } of group.rows) lines.push({ kind: "task", key: task.id, group, task, depth, subtasks, isFolded });
    if (group.adds) lines.push({ kind: "add", key: `${group.key}+`, group });
    return lines;
  });
}
