/** What the operations on tasks do, as the server would: the copy has it so until the server's own word comes. */

import * as positions from "../positions.ts";
import { parseRule } from "../rules.ts";
import type { Id, Operation, Task, TaskChanges } from "../things.ts";
import { change, descendants, type Doing } from "./doing.ts";
import { asMoment, asReminders } from "./moments.ts";
import { asTags } from "./names.ts";
import * as recurring from "./recurring.ts";

type On<Op extends string> = Extract<Operation, { kind: "task"; op: Op }>;

export function create(doing: Doing, { id, task: said }: On<"create">): void {
  const { copy, at } = doing;
  const parent = said.parent_id ? copy.get("task", said.parent_id) : undefined;
  const blank: Task = {
    id,
    user_id: copy.user,
    created_at: at,
    updated_at: at,
    revision: 0,
    title: "",
    description: null,
    is_completed: false,
    completed_at: null,
    is_cancelled: false,
    list_id: parent ? parent.list_id : (said.list_id ?? null),
    section_id: said.section_id ?? null,
    parent_id: said.parent_id ?? null,
    position: positions.last(doing.revision),
    priority: "none",
    tags: [],
    due: null,
    start: null,
    estimate_minutes: null,
    url: null,
    reminders: [],
    recurrence: null,
    series_id: null,
    next_id: null,
  };
  copy.put("task", id, written(doing, blank, said, undefined));
}

export function update(doing: Doing, task: Task, { task: said }: On<"update">): void {
  doing.copy.put("task", task.id, written(doing, task, said, task));
}

/** The task with what is said of it. */
function written(doing: Doing, task: Task, said: TaskChanges, old: Task | undefined): Task {
  const { copy, at } = doing;
  const next: Task = { ...task, updated_at: at };
  if (said.title !== undefined) next.title = said.title.trim();
  if (said.description !== undefined) next.description = said.description;
  if (said.priority !== undefined) next.priority = said.priority;
  if (said.estimate_minutes !== undefined) next.estimate_minutes = said.estimate_minutes;
  if (said.url !== undefined) next.url = said.url && said.url.trim();
  if (said.tags !== undefined) next.tags = asTags(copy, said.tags);
  if (said.due !== undefined) next.due = asMoment(said.due, task.due);
  if (said.start !== undefined) next.start = asMoment(said.start, task.start);
  if (said.recurrence !== undefined) setRule(next, said.recurrence, task);
  if (said.reminders !== undefined || next.reminders.length > 0) {
    next.reminders = asReminders(copy, said.reminders ?? next.reminders, next, old, at);
  }
  return next;
}

/** A rule begins at `due`, unless it is the one that was there, with the same date. */
function setRule(next: Task, said: Task["recurrence"], before: Task): void {
  if (said === null || next.due === null) {
    next.recurrence = null;
    return;
  }
  const rule = parseRule(said.rule)?.text ?? said.rule;
  const from = said.from ?? before.recurrence?.from ?? "due";
  const same = before.recurrence?.rule === rule && before.recurrence.from === from && before.due?.date === next.due.date;
  next.recurrence = same ? before.recurrence : { rule, from, occurrence: next.due.date, is_supported: true };
  next.series_id ??= next.id;
}

export function complete(doing: Doing, task: Task, said: On<"complete">): void {
  if (task.is_completed) {
    if (said.is_cancelled !== undefined) change(doing, task, { is_cancelled: said.is_cancelled });
    return;
  }
  const next_id = said.is_cancelled ? null : recurring.follow(doing, task);
  close(doing, task, said.is_cancelled ?? false, next_id);
  if (said.subtasks === "leave") return;
  for (const each of descendants(doing.copy, task.id)) if (!each.is_completed) close(doing, each, said.is_cancelled ?? false);
}

function close(doing: Doing, task: Task, is_cancelled: boolean, next_id: Id | null = null): void {
  change(doing, task, {
    recurrence: null,
    next_id,
    is_completed: true,
    completed_at: doing.at,
    is_cancelled,
    reminders: task.reminders.map((each) => ({ ...each, remind_at: null })),
  });
}

export function reopen(doing: Doing, task: Task): void {
  const seen = new Set<string>();
  for (let each: Task | undefined = task; each?.is_completed && !seen.has(each.id); ) {
    seen.add(each.id);
    const back = recurring.rejoined(doing, each);
    const open: Task = { ...each, ...back, is_completed: false, completed_at: null, is_cancelled: false };
    change(doing, each, { ...open, reminders: asReminders(doing.copy, each.reminders, open, each, doing.at) });
    each = each.parent_id === null ? undefined : doing.copy.get("task", each.parent_id);
  }
}

export function tag(doing: Doing, task: Task, { tags }: On<"tag" | "untag">): void {
  change(doing, task, { tags: asTags(doing.copy, [...task.tags, ...tags]) });
}

export function untag(doing: Doing, task: Task, { tags }: On<"tag" | "untag">): void {
  const less = new Set(asTags(doing.copy, tags));
  change(doing, task, { tags: task.tags.filter((each) => !less.has(each)) });
}

export function remove(doing: Doing, task: Task): void {
  for (const each of descendants(doing.copy, task.id)) doing.copy.put("task", each.id, undefined);
  doing.copy.put("task", task.id, undefined);
}

export function snooze(doing: Doing, task: Task, { reminder_id, until }: On<"snooze">): void {
  const reminders = task.reminders.map((each) => (each.id === reminder_id ? { ...each, remind_at: until } : each));
  change(doing, task, { reminders });
}

export function move(doing: Doing, task: Task, { to }: On<"move">): void {
  const { copy } = doing;
  const parent_id = to.parent_id === undefined ? task.parent_id : to.parent_id;
  const parent = parent_id === null ? undefined : copy.get("task", parent_id);
  // What would be refused is not shown first.
  if (parent && (parent.id === task.id || descendants(copy, task.id).some((each) => each.id === parent.id))) return;
  const named = to.list_id === undefined ? task.list_id : to.list_id;
  const list_id = to.parent_id && parent ? parent.list_id : named;
  const kept = list_id === task.list_id ? task.section_id : null;
  const section_id = to.section_id === undefined ? kept : to.section_id;
  const place = placed(doing, task, { ...task, list_id, parent_id }, to);
  change(doing, task, { list_id, parent_id, section_id, ...(place === undefined ? {} : { position: place }) });
  if (list_id === task.list_id) return;
  for (const each of descendants(copy, task.id)) {
    change(doing, each, { list_id, section_id: null, position: positions.last(doing.revision) });
  }
}

/** Its new position; undefined if it stays where it is. */
function placed(doing: Doing, old: Task, task: Task, to: On<"move">["to"]): string | undefined {
  const { copy, revision } = doing;
  for (const side of ["before", "after"] as const) {
    const neighbour = copy.get("task", (to as { before?: Id; after?: Id })[side] ?? "");
    if (neighbour === undefined) continue;
    return positions.beside(openPositions(doing, task), neighbour.position, side, revision);
  }
  if ("place" in to && to.place === "first") return positions.first(revision);
  const elsewhere = old.list_id !== task.list_id || old.parent_id !== task.parent_id;
  return elsewhere || "place" in to || "before" in to || "after" in to ? positions.last(revision) : undefined;
}

function openPositions({ copy }: Doing, task: Task): string[] {
  const found: string[] = [];
  for (const each of copy.openTasks()) if (each.list_id === task.list_id && each.id !== task.id) found.push(each.position);
  return found;
}
