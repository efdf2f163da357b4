/** What of the account is in each view, under which headings. */

import { folded } from "../list/folding.ts";
import type { Group } from "../list/lines.ts";
import { filtering } from "../app/filtering.ts";
import { now } from "../app/now.ts";
import type { View } from "../app/place.ts";
import { get, index } from "../app/store.ts";
import type { Index } from "../../tasks/index.ts";
import type { Present } from "../../tasks/moments.ts";
import { completedView, listView, type Row, searchCompleted, searchView, tagView, todayView, upcomingView } from "../../tasks/views.ts";
import type { Filter, Id, Task } from "../../sync/things.ts";
import { dayName } from "../words/days.ts";
import { words } from "../words/words.ts";

/** So many completed tasks are drawn up; older ones are found by searching. */
const MOST_COMPLETED = 2000;
const DAYS_AHEAD = 8;

export interface Shown {
  groups: readonly Group[];
  /** How many are left out, since they start later. */
  later: number;
  /** What is wrong with the text of a filter. */
  wrong?: string | undefined;
}

/** `withLater`: also what starts later. */
export function shownOf(view: View & { q?: string }, { withLater = false } = {}): Shown {
  const found = index();
  if (!found) return { groups: [], later: 0 };
  const present = found.present(now.value);
  switch (view.view) {
    case "inbox":
      return ofList(found, null, withLater ? undefined : present);
    case "list":
      return ofList(found, view.id, withLater ? undefined : present);
    case "today":
      return { groups: ofToday(found, present), later: 0 };
    case "upcoming":
      return { groups: ofDays(found, present), later: 0 };
    case "completed":
      return { groups: [flat(found, "completed", completedView(found, MOST_COMPLETED))], later: 0 };
    case "search":
      return { groups: ofSearch(found, view.q ?? ""), later: 0 };
    case "tag":
      return { groups: ofTag(found, view.id), later: 0 };
    case "filter":
      return ofFilter(found, get("filter", view.id), present);
    default:
      return { groups: [], later: 0 };
  }
}

function ofList(found: Index, list: Id | null, present: Present | undefined): Shown {
  const { groups, hidden } = listView(found, list, { folded: folded.value, ...(present ? { present } : {}) });
  // Where there are sections, what is in none is shown only if something is.
  const shown = groups.filter(({ section, count }) => section || count > 0 || groups.length === 1);
  return {
    later: hidden,
    groups: shown.map(({ section, rows, count }): Group =>
      section
        ? { key: section.id, heading: section.name, section: section.id, rows, count, adds: { list_id: list, section_id: section.id } }
        : { key: list ?? "inbox", rows, count, adds: { list_id: list } },
    ),
  };
}

function ofToday(found: Index, present: Present): readonly Group[] {
  const { overdue, today } = todayView(found, present);
  const group = flat(found, "today", today, { adds: { due: present.today } });
  return overdue.length > 0 ? [ofOverdue(found, overdue), { ...group, heading: dayName(present.today) }] : [group];
}

function ofDays(found: Index, present: Present): readonly Group[] {
  const { overdue, today } = todayView(found, present);
  const planned = new Map(upcomingView(found, present).map(({ day, tasks }) => [day, tasks]));
  planned.set(present.today, today);
  // The next days are there with nothing on them, so that something can be dragged to them.
  const next = Array.from({ length: DAYS_AHEAD }, (_, days) => Temporal.PlainDate.from(present.today).add({ days }).toString());
  const days = [...new Set([...next, ...planned.keys()])].toSorted();
  const groups = days.map((day) => flat(found, day, planned.get(day) ?? [], { heading: dayName(day), adds: { due: day } }));
  return overdue.length > 0 ? [ofOverdue(found, overdue), ...groups] : groups;
}

function ofOverdue(found: Index, tasks: readonly Task[]): Group {
  return flat(found, "overdue", tasks, { heading: words.value.views.today.overdue });
}

function ofSearch(found: Index, q: string): readonly Group[] {
  const completed = searchCompleted(found, q, MOST_COMPLETED);
  const open = flat(found, "found", searchView(found, q));
  if (completed.length === 0) return [open];
  return [open, flat(found, "found-completed", completed, { heading: words.value.views.completed.name })];
}

function ofTag(found: Index, id: Id): readonly Group[] {
  const tag = get("tag", id);
  return tag ? [flat(found, id, tagView(found, tag, "due"), { adds: { tags: [tag.name] } })] : [];
}

function ofFilter(found: Index, filter: Filter | undefined, present: Present): Shown {
  const tasks = filter && filtering.value?.filtered(found, filter, present);
  if (!filter || !tasks) return { groups: [], later: 0 };
  if ("position" in tasks) return { groups: [], later: 0, wrong: filtering.value?.wrongIn(filter.query)?.told };
  return { groups: [flat(found, filter.id, tasks)], later: 0 };
}

/** Tasks one below the other; subtasks stand for themselves, whether their parents are there or not. */
function flat(found: Index, key: string, tasks: readonly Task[], more: Partial<Group> = {}): Group {
  const rows = tasks.map((task): Row => {
    const subtasks = found.below(task.id).filter(({ is_completed }) => !is_completed).length;
    return { task, depth: 0, subtasks, isFolded: true };
  });
  return { key, rows, count: rows.length, ...more };
}
