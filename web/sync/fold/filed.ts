/** What becomes of tasks when their list, section or tag changes or goes. */

import * as positions from "../positions.ts";
import type { Id, List, Operation, Section, Tag, Task } from "../things.ts";
import { change, descendants, type Doing, preferences } from "./doing.ts";
import { asTags } from "./names.ts";
import { keyOf } from "../texts.ts";

/** The tasks go to the end of the inbox in their order, or are deleted too; the sections are. */
export function removeList(doing: Doing, list: List, tasks: "inbox" | "delete"): void {
  const { copy } = doing;
  const inIt = inOrder(copy.all("task").values(), (task) => task.list_id === list.id);
  inIt.forEach((task, index) => {
    if (tasks === "delete") copy.put("task", task.id, undefined);
    else change(doing, task, { list_id: null, section_id: null, position: after(doing, index) });
  });
  for (const section of copy.all("section").values()) {
    if (section.list_id === list.id) copy.put("section", section.id, undefined);
  }
  copy.put("list", list.id, undefined);
  const prefers = preferences(copy);
  if (prefers.default_list_id === list.id) copy.put("preferences", copy.user, { ...prefers, default_list_id: null });
}

export function removeSection(doing: Doing, section: Section): void {
  for (const task of doing.copy.all("task").values()) {
    if (task.section_id === section.id) change(doing, task, { section_id: null });
  }
  doing.copy.put("section", section.id, undefined);
}

/** The tasks of a section that goes to another list go along, to its end; a subtask stays with its parent. */
export function takeAlong(doing: Doing, section: Section, list_id: Id): void {
  const { copy } = doing;
  const roots = inOrder(copy.all("task").values(), (task) => task.section_id === section.id && task.parent_id === null);
  roots
    .flatMap((root) => [root].concat(descendants(copy, root.id)))
    .forEach((task, index) => {
      const section_id = task.section_id === section.id ? section.id : null;
      change(doing, task, { list_id, section_id, position: after(doing, index) });
    });
  for (const task of copy.all("task").values()) {
    if (task.section_id === section.id && task.list_id !== list_id) change(doing, task, { section_id: null });
  }
}

export function renameTag(doing: Doing, tag: Tag, name: string): void {
  copyTags(doing, tag, [name]);
}

export function removeTag(doing: Doing, tag: Tag): void {
  copyTags(doing, tag, []);
  doing.copy.put("tag", tag.id, undefined);
}

export function mergeTag(doing: Doing, tag: Tag, { into }: Extract<Operation, { op: "merge" }>): void {
  const other = doing.copy.get("tag", into);
  if (other === undefined || other.id === tag.id) return;
  copyTags(doing, tag, [other.name]);
  doing.copy.put("tag", tag.id, undefined);
}

/** Gives every task that has the tag these names instead. */
function copyTags(doing: Doing, tag: Tag, names: readonly string[]): void {
  const key = keyOf(tag.name);
  for (const task of doing.copy.all("task").values()) {
    if (!task.tags.some((each) => each === tag.name || keyOf(each) === key)) continue;
    const others = task.tags.filter((each) => keyOf(each) !== key);
    change(doing, task, { tags: asTags(doing.copy, [...others, ...names]) });
  }
}

function inOrder(tasks: Iterable<Task>, wanted: (task: Task) => boolean): Task[] {
  return [...tasks].filter(wanted).toSorted((a, b) => positions.compare(a.position, b.position));
}

function after(doing: Doing, index: number): string {
  return `${positions.last(doing.revision)}${String(index).padStart(6, "0")}1`;
}
