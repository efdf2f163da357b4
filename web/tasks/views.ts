/** What each view shows, as functions of the index: nothing is kept here. */

import type { Filter, Id, List, Section, Tag, Task } from "../sync/things.ts";
import { compare } from "../sync/positions.ts";
import type { Condition } from "./conditions.ts";
import { type Findable, type Index, type Open, wordsOf } from "./index.ts";
import { hasCome, matcher } from "./matching.ts";
import { moment, type Present } from "./moments.ts";
import { arranged, type Sort, sorted } from "./sort.ts";
import type { Sorted } from "./sorted.ts";
import { matches, termsOf } from "./words.ts";

/** A task in a list, with its subtasks below it. */
export interface Row {
  readonly task: Task;
  /** 0 of what stands below nothing that is shown. */
  readonly depth: number;
  /** How many open subtasks it has, one level down. */
  readonly subtasks: number;
  readonly isFolded: boolean;
}

/** What is under a heading, or in a column of the board. */
export interface Group {
  /** Null for what is in none, which comes first. */
  readonly section: Section | null;
  readonly rows: readonly Row[];
  /** How many tasks are in it, with those in what is folded. */
  readonly count: number;
}

export interface ListView {
  readonly groups: readonly Group[];
  /** How many are left out, since their start has not come. */
  readonly hidden: number;
}

/** A list, or the inbox (null), by position. Without `present`, tasks are shown that have not started yet as well. */
export function listView(
  index: Index,
  list: Id | null,
  { folded = new Set(), present }: { folded?: ReadonlySet<Id>; present?: Present } = {},
): ListView {
  const groups = [null, ...sectionsOf(index, list)].map((section) => ({ section, rows: [] as Row[], count: 0 }));
  const bySection = new Map(groups.map((group) => [group.section?.id ?? null, group]));
  const hasStarted = present && hasCome("start", present);
  const isShown = (task: Task): boolean => task.start === null || !hasStarted || hasStarted(task);
  const all = index.inList(list);
  let shown = 0;
  const put = ({ task, below }: Open, group: { rows: Row[]; count: number }, depth: number, isVisible: boolean): void => {
    const subtasks = below ? openOnes(index, below).filter((each) => isShown(each.task)) : NONE;
    const isFolded = subtasks.length > 0 && folded.has(task.id);
    if (isVisible) group.rows.push({ task, depth, subtasks: subtasks.length, isFolded });
    group.count++;
    shown++;
    for (const each of subtasks) put(each, group, depth + 1, isVisible && !isFolded);
  };
  for (const open of all) {
    const group = bySection.get(open.task.section_id) ?? groups[0];
    if (group && !isSubtask(index, open.task) && isShown(open.task)) put(open, group, 0, true);
  }
  return { groups, hidden: all.length - shown };
}

const NONE: readonly never[] = [];

function openOnes(index: Index, tasks: Sorted<Task>): readonly Open[] {
  return tasks.items.flatMap((task) => index.open(task.id) ?? NONE);
}

/** Whether it stands below another open task. Where that is completed, it stands for itself. */
function isSubtask(index: Index, task: Task): boolean {
  return task.parent_id !== null && index.open(task.parent_id) !== undefined;
}

export interface Today {
  /** Due before today. */
  readonly overdue: readonly Task[];
  readonly today: readonly Task[];
}

export function todayView(index: Index, present: Present): Today {
  const { today } = present;
  return { overdue: dueBetween(index, "", today), today: dueBetween(index, today, dayAfter(present)) };
}

export interface Day {
  readonly day: string;
  readonly tasks: readonly Task[];
}

/** The days on which something is due, from tomorrow on. */
export function upcomingView(index: Index, present: Present): readonly Day[] {
  const days: { day: string; tasks: Task[] }[] = [];
  const from = dayAfter(present);
  for (const { task, due } of index.due.items.slice(index.due.before((open) => isFrom(open, from)))) {
    if (index.isArchived(task)) continue;
    const day = due?.slice(0, 10) ?? "";
    const last = days.at(-1);
    if (last?.day === day) last.tasks.push(task);
    else days.push({ day, tasks: [task] });
  }
  return days;
}

function dueBetween(index: Index, from: string, before: string): readonly Task[] {
  const { due } = index;
  const some = due.items.slice(due.before((open) => isFrom(open, from)), due.before((open) => isFrom(open, before)));
  return some.map((open) => open.task).filter((task) => !index.isArchived(task));
}

const isFrom = ({ due }: Open, from: string): boolean => due !== null && due >= from;
const dayAfter = (present: Present): string => present.resolve(moment("tomorrow")).local;

/** What a condition means, in an order that it has: a saved filter, with what goes without saying in it. */
export function tasksOf(index: Index, condition: Condition, sort: Sort, present: Present): readonly Task[] {
  return sorted(index, condition, sort, matcher(condition, worldOf(index, present)));
}

/** What matchers look at beside the tasks of an index. */
export function worldOf(index: Index, present: Present) {
  return {
    lists: index.client.all("list"),
    sections: index.client.all("section"),
    present,
    wordsOf: (task: Task): string => index.wordsOf(task),
  };
}

/** The open tasks with a tag, in no archived list. */
export function tagView(index: Index, tag: Tag, sort: "-created_at" | "due" | "priority"): readonly Task[] {
  return arranged(index.tagged(tag.name).filter((open) => !index.isArchived(open.task)), sort);
}

/** Open tasks with these words, the newest first; nothing while there is no word. */
export function searchView(index: Index, text: string): readonly Task[] {
  const terms = termsOf(text);
  if (terms.length === 0) return [];
  return index.newest.filter((open) => matches(wordsOf(open), terms)).map((open) => open.task);
}

/** The first of the completed tasks, the last one first; of all, or of some. */
export function completedView(index: Index, count: number, isMeant: (found: Findable) => boolean = () => true): readonly Task[] {
  const found: Task[] = [];
  for (const each of index.completed) {
    if (found.length === count) break;
    if (isMeant(each)) found.push(each.task);
  }
  return found;
}

/** Completed tasks with these words, the last one first. */
export function searchCompleted(index: Index, text: string, count: number): readonly Task[] {
  const terms = termsOf(text);
  return terms.length === 0 ? NONE : completedView(index, count, (found) => matches(wordsOf(found), terms));
}

export function sectionsOf(index: Index, list: Id | null): readonly Section[] {
  if (list === null) return [];
  return inPlace([...index.client.all("section").values()].filter((section) => section.list_id === list));
}

/** Lists, sections, tags or filters by their positions. */
export function inPlace<T extends List | Section | Tag | Filter>(things: Iterable<T>): readonly T[] {
  return [...things].toSorted((a, b) => compare(a.position, b.position) || compare(a.created_at, b.created_at));
}
