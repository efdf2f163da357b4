/** What is done with a task as a whole, from its detail. */

import { act, toast } from "../app/acting.ts";
import { newId } from "../../sync/ids.ts";
import { parseRule } from "../../sync/rules.ts";
import { openTask } from "../app/place.ts";
import { BASE } from "../app/server.ts";
import { get, index } from "../app/store.ts";
import type { Id, NewTask, Operation, Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";

export function remove(task: Task): void {
  openTask(task.parent_id);
  act({ op: "delete", kind: "task", id: task.id }, words.value.task.deleted);
}

/** Another one like it right below it, with all that is below it, and open. */
export function duplicate(task: Task): void {
  const tasks = index();
  const made: Operation[] = [];
  const copy = (of: Task, parent: Id | null): Id => {
    const id = newId();
    made.push({ op: "create", kind: "task", id, task: { ...copied(of), parent_id: parent } });
    for (const child of tasks?.below(of.id) ?? []) copy(child, id);
    return id;
  };
  const id = copy(task, task.parent_id);
  act([...made, { op: "move", kind: "task", id, to: { after: task.id } }], words.value.detail.duplicated);
}

function copied(task: Task): NewTask {
  const { title, description, list_id, section_id, priority, tags, start, due, estimate_minutes, url, recurrence } = task;
  const reminders = task.reminders.map(({ offset, relative_to, at }) => (at ? { at } : { offset, relative_to }));
  // Others than those of the form are a calendar program's, which the server takes from nobody else.
  const rule = recurrence && parseRule(recurrence.rule) && { rule: recurrence.rule, from: recurrence.from };
  return { title, description, list_id, section_id, priority, tags, start, due, estimate_minutes, url, recurrence: rule, reminders };
}

/** Into another list or section; a subtask leaves its parent for that. */
export function moveTo(task: Task, list: Id | null, section: Id | null): void {
  if (list === task.list_id && section === task.section_id && task.parent_id === null) return;
  const parent = task.parent_id === null ? {} : { parent_id: null };
  act(
    { op: "move", kind: "task", id: task.id, to: { list_id: list, section_id: section, ...parent } },
    words.value.detail.movedTo.replace("#", placeName(list, section)),
  );
}

export function moveToNewList(task: Task, name: string): void {
  const id = newId();
  const parent = task.parent_id === null ? {} : { parent_id: null };
  act(
    [
      { op: "create", kind: "list", id, list: { name } },
      { op: "move", kind: "task", id: task.id, to: { list_id: id, section_id: null, ...parent } },
    ],
    words.value.detail.movedTo.replace("#", name),
  );
}

/** "Groceries / Dairy"; of no list, the inbox. */
export function placeName(list: Id | null, section: Id | null): string {
  const name = list === null ? words.value.views.inbox.name : (get("list", list)?.name ?? "");
  const below = get("section", section)?.name;
  return below ? `${name} / ${below}` : name;
}

export async function copyLink(id: Id): Promise<void> {
  const says = words.value.detail;
  const link = `${location.origin}${BASE}/tasks/${id}`;
  try {
    await navigator.clipboard.writeText(link);
    toast(says.linkCopied);
  } catch {
    // On plain http there is no clipboard but this one.
    toast(copyOfOld(link) ? says.linkCopied : says.cannotCopy);
  }
}

function copyOfOld(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
