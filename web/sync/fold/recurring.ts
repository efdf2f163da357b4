/** What becomes of a series when one of its tasks is completed, skipped or reopened, as `recurrence/series.py` has it. */

import { daysLater, toNumber } from "../dates.ts";
import { derivedId } from "../ids.ts";
import * as positions from "../positions.ts";
import { skipped, successorOf } from "../recurrence.ts";
import type { Id, Task } from "../things.ts";
import { change, descendants, type Doing, preferences } from "./doing.ts";
import { asReminders } from "./moments.ts";

/** Makes the successor of an open task that is completed, with copies of what is below it. Answers its id; null if there is none. */
export function follow(doing: Doing, task: Task): Id | null {
  const { copy, at } = doing;
  const found = task.recurrence && successorOf(task, Temporal.Instant.from(at), preferences(copy).timezone);
  if (!found?.due || !task.due) return null;
  const id = derivedId(task.id, "next");
  // The server would choose another: its own is awaited.
  if (copy.get("task", id) !== undefined) return null;
  const fresh = { is_completed: false, completed_at: null, is_cancelled: false, next_id: null, created_at: at, updated_at: at, revision: 0 };
  const below = withoutHistory(descendants(copy, task.id));
  put(doing, { ...task, ...found, ...fresh, id, series_id: task.series_id ?? task.id });
  const days = toNumber(found.due.date) - toNumber(task.due.date);
  const parents = new Map([[task.id, id]]);
  below.forEach((each, index) => {
    const own = derivedId(id, each.id);
    parents.set(each.id, own);
    const position = `${positions.last(doing.revision)}${String(index).padStart(3, "0")}1`;
    put(doing, { ...copied(each, days, own), ...fresh, id: own, parent_id: parents.get(each.parent_id ?? "") ?? id, position });
  });
  return id;
}

/** Not what has a successor itself, and is done for good, nor what is below that. */
function withoutHistory(below: readonly Task[]): Task[] {
  const left = new Set<Id>();
  for (const each of below) if (each.next_id !== null || left.has(each.parent_id ?? "")) left.add(each.id);
  return below.filter((each) => !left.has(each.id));
}

/** The rule of what is copied begins a series of its own. */
function copied(task: Task, days: number, id: Id): Task {
  const due = task.due && daysLater(task.due, days);
  const start = task.start && daysLater(task.start, days);
  const rule = task.recurrence && due;
  return { ...task, due, start, recurrence: rule ? { ...task.recurrence, occurrence: due.date } : null, series_id: rule ? id : null } as Task;
}

function put(doing: Doing, task: Task): void {
  const along = task.reminders.filter((each) => each.at === null);
  const reminders = asReminders(doing.copy, along, task, undefined, doing.at);
  doing.copy.put("task", task.id, { ...task, reminders });
}

/** What a task that is reopened has of its series then. A successor goes if nothing was done to it. */
export function rejoined(doing: Doing, task: Task): Partial<Task> {
  const { copy } = doing;
  if (task.next_id === null) return {};
  const successor = copy.get("task", task.next_id);
  const below = descendants(copy, task.next_id);
  if (successor === undefined || ![successor, ...below].every((each) => isUntouched(each, successor))) {
    return { recurrence: null, series_id: null, next_id: null, position: positions.last(doing.revision) };
  }
  for (const each of [...below, successor]) copy.put("task", each.id, undefined);
  const recurrence = successor.recurrence && { ...successor.recurrence, occurrence: task.due?.date ?? "" };
  return { next_id: null, recurrence };
}

function isUntouched(task: Task, successor: Task): boolean {
  return !task.is_completed && task.updated_at === task.created_at && task.created_at === successor.created_at;
}

export function skip(doing: Doing, task: Task, occurrence: string): void {
  if (task.recurrence?.occurrence !== undefined && task.recurrence.occurrence !== occurrence) return;
  const found = task.is_completed ? null : skipped(task);
  if (!found) return;
  const next: Task = { ...task, ...found };
  change(doing, task, { ...found, reminders: asReminders(doing.copy, task.reminders, next, task, doing.at) });
}
