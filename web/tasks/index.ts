/**
 * The account, found quickly: kept up by each change, so that no view looks at tasks that are not in it, and completed ones cost
 * nothing until somebody asks for them.
 *
 * ```ts
 * const index = new Index(client, deviceTimezone);
 * client.subscribe((changed) => index.apply(changed)); // and tell a signal
 * ```
 */

import type { Changed, Client } from "../sync/client.ts";
import { knownZone } from "../sync/dates.ts";
import { compare } from "../sync/positions.ts";
import type { Id, Task } from "../sync/things.ts";
import { latestShown, localOf, Present } from "./moments.ts";
import { Sorted } from "./sorted.ts";
import { keyOf } from "../sync/texts.ts";
import { wordsOfTask } from "./words.ts";

/** A task, with the text that it is found by. */
export interface Findable {
  readonly task: Task;
  /** Made when it is first searched. */
  words: string | null;
}

/** An open task, with what it is sorted by. */
export interface Open extends Findable {
  /** When it is due by a clock in the person's zone, as text: of a whole day its end. Null if it has no date. */
  readonly due: string | null;
  /** Its subtasks, completed or not, by their positions. Null if it never had one. */
  below: Sorted<Task> | null;
}

const NONE: readonly never[] = [];

interface Completed {
  tasks: Map<Id, Findable>;
  sorted: Sorted<Findable>;
}

export class Index {
  readonly client: Pick<Client, "user" | "get" | "all">;
  readonly #deviceZone: string;
  readonly #open = new Map<Id, Open>();
  readonly #newest = new Sorted<Open>(newestFirst);
  #due = new Sorted<Open>(earliestFirst);
  readonly #lists = new Map<Id | null, Sorted<Open>>();
  readonly #tags = new Map<string, Sorted<Open>>();
  /** Of the tags that were counted since the last change of their tasks. */
  readonly #taggedCounts = new Map<string, number>();
  /** Subtasks, open or not, below what they are a subtask of. */
  readonly #below = new Map<Id, Sorted<Task>>();
  readonly #subtasks = new Map<Id, Task>();
  #completed: Completed | null = null;
  #archived: ReadonlySet<Id> = new Set();
  #zone: string;

  /** `deviceZone` is the time zone until the preferences have one. */
  constructor(client: Pick<Client, "user" | "get" | "all">, deviceZone: string) {
    this.client = client;
    this.#deviceZone = deviceZone;
    this.#zone = this.#wantedZone();
    this.#archived = this.#archivedNow();
    for (const [id, task] of client.all("task")) this.#index(id, task);
  }

  /** The time zone in which dates float. */
  get zone(): string {
    return this.#zone;
  }

  present(now: Temporal.Instant): Present {
    return new Present(now, this.#zone, this.client.get("preferences", this.client.user)?.week_starts_on);
  }

  /** What `subscribe` of the client tells. */
  apply(changed: readonly Changed[]): void {
    const kinds = new Set(changed.map((each) => each.kind));
    if (kinds.has("list")) {
      this.#archived = this.#archivedNow();
      this.#taggedCounts.clear();
    }
    if (kinds.has("preferences")) this.#follow(this.#wantedZone());
    for (const { kind, id } of changed) if (kind === "task") this.#index(id, this.client.get("task", id));
  }

  /** Open tasks, the newest first. */
  get newest(): readonly Open[] {
    return this.#newest.items;
  }

  /** Open tasks, in no order. */
  get everyOpen(): Iterable<Open> {
    return this.#open.values();
  }

  /** Open tasks that are due at some time, the earliest first. */
  get due(): Sorted<Open> {
    return this.#due;
  }

  /** The open tasks of a list (null: the inbox), subtasks among them, by their positions. */
  inList(list: Id | null): readonly Open[] {
    return this.#lists.get(list)?.items ?? [];
  }

  /** The open tasks with a tag, the newest first. */
  tagged(name: string): readonly Open[] {
    return this.#tags.get(keyOf(name))?.items ?? [];
  }

  /** The subtasks of a task, completed or not, by their positions. */
  below(task: Id): readonly Task[] {
    return this.#below.get(task)?.items ?? NONE;
  }

  open(id: Id): Open | undefined {
    return this.#open.get(id);
  }

  /** How many open tasks are in a list, or in the inbox. */
  countInList(list: Id | null): number {
    return this.#lists.get(list)?.size ?? 0;
  }

  /** How many open tasks have a tag, without those in archived lists. */
  countTagged(name: string): number {
    const key = keyOf(name);
    if (this.#archived.size === 0) return this.#tags.get(key)?.size ?? 0;
    let count = this.#taggedCounts.get(key);
    if (count === undefined) {
      count = 0;
      for (const open of this.#tags.get(key)?.items ?? NONE) if (!this.isArchived(open.task)) count++;
      this.#taggedCounts.set(key, count);
    }
    return count;
  }

  isArchived(task: Task): boolean {
    return task.list_id !== null && this.#archived.has(task.list_id);
  }

  /** Completed tasks, the last one first. They are sorted when this is asked for the first time. */
  get completed(): readonly Findable[] {
    this.#completed ??= this.#completedNow();
    return this.#completed.sorted.items;
  }

  /** The text that a task is found by. */
  wordsOf(task: Task): string {
    const found = this.#open.get(task.id) ?? this.#completed?.tasks.get(task.id);
    return found?.task === task ? wordsOf(found) : wordsOfTask(task);
  }

  /** Makes the words of so many more tasks, so that the first search need not. Whether there may be others. */
  prepareSearch(most: number): boolean {
    let left = most;
    for (const found of [...this.newest, ...this.completed]) {
      if (found.words !== null) continue;
      if (left-- === 0) return true;
      wordsOf(found);
    }
    return false;
  }

  /** When a task is due by a clock in the person's zone. */
  dueOf({ due }: Task): string | null {
    if (!due) return null;
    return due.at ? latestShown(Temporal.Instant.from(due.at), this.#zone) : localOf("due", due);
  }

  #index(id: Id, task: Task | undefined): void {
    const before = this.#open.get(id);
    if (before?.task !== task) {
      if (before) this.#remove(before);
      if (task && !task.is_completed) this.#add(task);
    }
    this.#indexSubtask(id, task);
    if (this.#completed) this.#indexCompleted(this.#completed, id, task);
  }

  #add(task: Task): void {
    const open = { task, due: this.dueOf(task), words: null, below: this.#below.get(task.id) ?? null };
    this.#open.set(task.id, open);
    this.#newest.add(open);
    if (open.due !== null) this.#due.add(open);
    at(this.#lists, task.list_id, byPosition).add(open);
    for (const key of keysOf(task)) {
      at(this.#tags, key, newestFirst).add(open);
      this.#taggedCounts.delete(key);
    }
  }

  #remove(open: Open): void {
    this.#open.delete(open.task.id);
    this.#newest.delete(open);
    if (open.due !== null) this.#due.delete(open);
    this.#lists.get(open.task.list_id)?.delete(open);
    for (const key of keysOf(open.task)) {
      this.#tags.get(key)?.delete(open);
      this.#taggedCounts.delete(key);
    }
  }

  #indexSubtask(id: Id, task: Task | undefined): void {
    const before = this.#subtasks.get(id);
    if (before === task) return;
    if (before?.parent_id) this.#below.get(before.parent_id)?.delete(before);
    this.#subtasks.delete(id);
    if (!task?.parent_id) return;
    this.#subtasks.set(id, task);
    const below = at(this.#below, task.parent_id, positionFirst);
    below.add(task);
    const parent = this.#open.get(task.parent_id);
    if (parent) parent.below = below;
  }

  #indexCompleted({ tasks, sorted }: Completed, id: Id, task: Task | undefined): void {
    const before = tasks.get(id);
    if (before?.task === task) return;
    if (before) sorted.delete(before);
    tasks.delete(id);
    if (!task?.is_completed) return;
    const found = { task, words: null };
    tasks.set(id, found);
    sorted.add(found);
  }

  #completedNow(): Completed {
    const tasks = new Map<Id, Findable>();
    for (const [id, task] of this.client.all("task")) if (task.is_completed) tasks.set(id, { task, words: null });
    return { tasks, sorted: new Sorted(lastCompletedFirst, tasks.values()) };
  }

  #archivedNow(): ReadonlySet<Id> {
    return new Set([...this.client.all("list").values()].filter((list) => list.is_archived).map((list) => list.id));
  }

  #wantedZone(): string {
    const preferences = this.client.get("preferences", this.client.user);
    return knownZone(preferences && preferences.revision > 0 ? preferences.timezone : this.#deviceZone);
  }

  /** In another zone, what is due in a time zone is due at another local time. */
  #follow(zone: string): void {
    if (zone === this.#zone) return;
    this.#zone = zone;
    for (const open of [...this.#open.values()].filter((each) => each.task.due?.at)) {
      this.#remove(open);
      this.#add(open.task);
    }
  }
}

function keysOf({ tags }: Task): ReadonlySet<string> {
  return new Set(tags.map(keyOf));
}

export function wordsOf(found: Findable): string {
  return (found.words ??= wordsOfTask(found.task));
}

/** What is in the map there; something empty, if there is nothing yet. */
function at<K, T>(map: Map<K, Sorted<T>>, key: K, order: (a: T, b: T) => number): Sorted<T> {
  let found = map.get(key);
  if (!found) map.set(key, (found = new Sorted(order)));
  return found;
}

/**
 * The server has a number for the order in which tasks were made. Of the same instant are only a successor in a series and the copies
 * of what is below it, which it has put behind each other.
 */
function oldest(a: Task, b: Task): number {
  return compare(a.created_at, b.created_at) || compare(a.position, b.position) || compare(a.id, b.id);
}

export function newestFirst(a: Open, b: Open): number {
  return oldest(b.task, a.task);
}

/** At the same moment, what floats comes before what is in a time zone. */
export function earliestFirst(a: Open, b: Open): number {
  return compare(a.due ?? "", b.due ?? "") || compare(a.task.due?.at ?? "", b.task.due?.at ?? "") || oldest(a.task, b.task);
}

function positionFirst(a: Task, b: Task): number {
  return compare(a.position, b.position) || oldest(a, b);
}

function byPosition(a: Open, b: Open): number {
  return positionFirst(a.task, b.task);
}

function lastCompletedFirst({ task: a }: Findable, { task: b }: Findable): number {
  return compare(b.completed_at ?? "", a.completed_at ?? "") || oldest(b, a);
}
