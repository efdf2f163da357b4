/** What of the account is in each view, and in which order. */

import { now } from "../app/now.ts";
import type { View } from "../app/place.ts";
import { all, get, index } from "../app/store.ts";
import type { Group } from "../list/lines.ts";
import type { Index, Open } from "../../tasks/index.ts";
import type { Id, Section, Task } from "../../sync/things.ts";
import { dayName } from "../words/days.ts";
import { words } from "../words/words.ts";

/** So many completed tasks are drawn up at first. */
const MOST_COMPLETED = 2000;

export function groupsOf(view: View): readonly Group[] {
  const found = index();
  if (!found) return [];
  switch (view.view) {
    case "inbox":
      return [{ key: "inbox", tasks: found.inList(null).map(taskOf), adds: { list_id: null } }];
    case "list":
      return bySection(view.id, found.inList(view.id).map(taskOf));
    case "today":
      return dueToday(found);
    case "upcoming":
      return byDay(found);
    case "completed":
      return [{ key: "completed", tasks: found.completed.slice(0, MOST_COMPLETED) }];
    case "tag": {
      const name = get("tag", view.id)?.name ?? "";
      return [{ key: view.id, tasks: present(found, found.tagged(name)), adds: { tags: [name] } }];
    }
    default:
      return [];
  }
}

function dueToday(found: Index): readonly Group[] {
  const { overdue, today } = dueOf(found);
  const date = localNow(found).slice(0, 10);
  const adds = { due: date };
  if (overdue.length === 0) return [{ key: "today", tasks: today, adds }];
  return [overdueGroup(overdue), { key: "today", heading: dayName(date), tasks: today, adds }];
}

function byDay(found: Index): readonly Group[] {
  const { overdue, today, later } = dueOf(found);
  const date = localNow(found).slice(0, 10);
  const days = Map.groupBy([...today.map((task) => [date, task] as const), ...later], ([day]) => day);
  const groups = [...days].map(([day, tasks]) => ({
    key: day,
    heading: dayName(day),
    tasks: tasks.map(([, task]) => task),
    adds: { due: day },
  }));
  return overdue.length > 0 ? [overdueGroup(overdue), ...groups] : groups;
}

const overdueGroup = (tasks: readonly Task[]): Group => ({
  key: "overdue",
  heading: words.value.views.today.overdue,
  tasks,
});

const taskOf = ({ task }: Open): Task => task;

/** Without what is in archived lists. */
function present(found: Index, open: readonly Open[]): Task[] {
  return open.filter(({ task }) => !found.isArchived(task)).map(taskOf);
}

/** First what is in no section, and then each section below its name. */
function bySection(list: Id, tasks: readonly Task[]): readonly Group[] {
  const sections = sectionsOf(list);
  const known = new Set(sections.map(({ id }) => id));
  const grouped = Map.groupBy(tasks, ({ section_id }) => (section_id && known.has(section_id) ? section_id : null));
  return [
    { key: list, tasks: grouped.get(null) ?? [], adds: { list_id: list } },
    ...sections.map(({ id, name }) => ({
      key: id,
      heading: name,
      section: id,
      tasks: grouped.get(id) ?? [],
      adds: { list_id: list, section_id: id },
    })),
  ];
}

export function sectionsOf(list: Id): readonly Section[] {
  const ours = [...all("section").values()].filter(({ list_id }) => list_id === list);
  return ours.toSorted((a, b) => (a.position < b.position ? -1 : 1));
}

/** As the server has it: a whole day is overdue when it is over, anything else when its time is. */
function dueOf(found: Index): { overdue: Task[]; today: Task[]; later: (readonly [string, Task])[] } {
  const until = localNow(found);
  const today = until.slice(0, 10);
  const open = found.due.items.filter(({ task }) => !found.isArchived(task));
  const isOverdue = ({ due }: Open) => due !== null && due <= until;
  const dayOf = ({ due }: Open) => (due ?? "").slice(0, 10);
  return {
    overdue: open.filter(isOverdue).map(taskOf),
    today: open.filter((each) => !isOverdue(each) && dayOf(each) === today).map(taskOf),
    later: open.filter((each) => dayOf(each) > today).map((each) => [dayOf(each), each.task] as const),
  };
}

function localNow(found: Index): string {
  return now.value.toZonedDateTimeISO(found.zone).toPlainDateTime().toString({ smallestUnit: "second" });
}

/** How many open tasks are in a view. */
export function countOf(view: View): number {
  const found = index();
  if (!found) return 0;
  switch (view.view) {
    case "inbox":
      return found.countInList(null);
    case "list":
      return found.countInList(view.id);
    case "tag":
      return found.countTagged(get("tag", view.id)?.name ?? "");
    case "today": {
      const { overdue, today } = dueOf(found);
      return overdue.length + today.length;
    }
    case "filter":
      return groupsOf(view).reduce((sum, { tasks }) => sum + tasks.length, 0);
    default:
      return 0;
  }
}
