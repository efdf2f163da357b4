/** Does an operation to the copy. What cannot be done, since what it is about is not there, changes nothing. */

import * as positions from "../positions.ts";
import type { Id, Kind, Operation, Place, Things } from "../things.ts";
import { type Doing, preferences } from "./doing.ts";
import * as filed from "./filed.ts";
import * as recurring from "./recurring.ts";
import * as tasks from "./tasks.ts";

export function fold(doing: Doing, operation: Operation): void {
  if (operation.op === "seen") return seen(doing, operation.up_to);
  if (operation.op === "create") {
    if (doing.copy.get(operation.kind, operation.id) === undefined) create(doing, operation);
    return;
  }
  switch (operation.kind) {
    case "task":
      return onTask(doing, operation);
    case "list":
      return onList(doing, operation);
    case "section":
      return onSection(doing, operation);
    case "tag":
      return onTag(doing, operation);
    case "filter":
      return onFilter(doing, operation);
    case "preferences":
      return doing.copy.put("preferences", doing.copy.user, { ...preferences(doing.copy), ...operation.preferences });
    case "notification":
      return onNotification(doing, operation.id, operation.notification.is_seen);
  }
}

type Other<K extends Kind> = Operation extends infer O
  ? O extends { kind: Kind; op: string }
    ? K extends O["kind"]
      ? Exclude<O, { op: "create" | "seen" }>
      : never
    : never
  : never;

function onTask(doing: Doing, operation: Other<"task">): void {
  const task = doing.copy.get("task", operation.id);
  if (task === undefined) return;
  switch (operation.op) {
    case "update":
      return tasks.update(doing, task, operation);
    case "complete":
      return tasks.complete(doing, task, operation);
    case "reopen":
      return tasks.reopen(doing, task);
    case "tag":
      return tasks.tag(doing, task, operation);
    case "untag":
      return tasks.untag(doing, task, operation);
    case "move":
      return tasks.move(doing, task, operation);
    case "delete":
      return tasks.remove(doing, task);
    case "snooze":
      return tasks.snooze(doing, task, operation);
    case "skip":
      return recurring.skip(doing, task, operation.occurrence);
  }
}

function onList(doing: Doing, operation: Other<"list">): void {
  const list = doing.copy.get("list", operation.id);
  if (list === undefined) return;
  if (operation.op === "update") doing.copy.put("list", list.id, { ...list, ...operation.list, updated_at: doing.at });
  else if (operation.op === "move") moved(doing, "list", list.id, operation.to);
  else filed.removeList(doing, list, operation.tasks);
}

function onSection(doing: Doing, operation: Other<"section">): void {
  const { copy } = doing;
  const section = copy.get("section", operation.id);
  if (section === undefined) return;
  if (operation.op === "update") return copy.put("section", section.id, { ...section, ...operation.section, updated_at: doing.at });
  if (operation.op === "delete") return filed.removeSection(doing, section);
  const list_id = operation.to.list_id ?? section.list_id;
  if (list_id !== section.list_id) {
    filed.takeAlong(doing, section, list_id);
    copy.put("section", section.id, { ...section, list_id });
  }
  const said = "before" in operation.to || "after" in operation.to || "place" in operation.to;
  if (said || list_id !== section.list_id) moved(doing, "section", section.id, operation.to);
}

function onTag(doing: Doing, operation: Other<"tag">): void {
  const { copy } = doing;
  const tag = copy.get("tag", operation.id);
  if (tag === undefined) return;
  if (operation.op === "move") return moved(doing, "tag", tag.id, operation.to);
  if (operation.op === "merge") return filed.mergeTag(doing, tag, operation);
  if (operation.op === "delete") return filed.removeTag(doing, tag);
  copy.put("tag", tag.id, { ...tag, ...operation.tag, updated_at: doing.at });
  if (operation.tag.name !== undefined) filed.renameTag(doing, tag, operation.tag.name);
}

function onFilter(doing: Doing, operation: Other<"filter">): void {
  const filter = doing.copy.get("filter", operation.id);
  if (filter === undefined) return;
  if (operation.op === "update") doing.copy.put("filter", filter.id, { ...filter, ...operation.filter, updated_at: doing.at });
  else if (operation.op === "move") moved(doing, "filter", filter.id, operation.to);
  else doing.copy.put("filter", filter.id, undefined);
}

function onNotification(doing: Doing, id: Id, is_seen: boolean): void {
  const notification = doing.copy.get("notification", id);
  if (notification) doing.copy.put("notification", id, { ...notification, is_seen, updated_at: doing.at });
}

function seen(doing: Doing, upTo: number): void {
  for (const each of doing.copy.all("notification").values()) {
    if (!each.is_seen && each.revision <= upTo) onNotification(doing, each.id, true);
  }
}

function create(doing: Doing, operation: Extract<Operation, { op: "create" }>): void {
  if (operation.kind === "task") return tasks.create(doing, operation);
  const { copy, at } = doing;
  const { id } = operation;
  const owned = { id, user_id: copy.user, created_at: at, updated_at: at, revision: 0, position: positions.last(doing.revision) };
  switch (operation.kind) {
    case "list":
      return copy.put("list", id, { ...owned, color: null, group: null, is_archived: false, ...operation.list });
    case "section":
      return copy.put("section", id, { ...owned, ...operation.section });
    case "tag":
      return copy.put("tag", id, { ...owned, color: null, ...operation.tag });
    case "filter":
      return copy.put("filter", id, { ...owned, sort: null, color: null, ...operation.filter });
  }
}

/** Puts one of those that have an order of their own to another place in it. */
function moved<K extends "list" | "section" | "tag" | "filter">(doing: Doing, kind: K, id: Id, to: Place | object): void {
  const { copy, revision, at } = doing;
  const thing = copy.get(kind, id);
  if (thing === undefined) return;
  const put = (position: string) => copy.put(kind, id, { ...thing, position, updated_at: at } as Things[K]);
  for (const side of ["before", "after"] as const) {
    const neighbour = side in to ? copy.get(kind, (to as Record<string, Id>)[side] ?? "") : undefined;
    if (neighbour === undefined) continue;
    const others = [...copy.all(kind).values()].filter((each) => each.id !== id && among(each) === among(thing));
    return put(positions.beside(others.map((each) => each.position), neighbour.position, side, revision));
  }
  put("place" in to && to.place === "first" ? positions.first(revision) : positions.last(revision));
}

/** Those with the same answer share an order. */
function among(thing: Things["list" | "section" | "tag" | "filter"]): Id | null {
  return "list_id" in thing ? thing.list_id : null;
}
