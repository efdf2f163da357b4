/** Things as the server sends them, for tests. */

import type { List, Section, Task } from "../../sync/things.ts";

let count = 0;
export const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const USER = idOf(0);

function owned() {
  const revision = ++count;
  const at = new Temporal.PlainDateTime(2026, 11, 1).add({ seconds: revision }).toString({ fractionalSecondDigits: 6 });
  return { id: idOf(revision), user_id: USER, created_at: `${at}Z`, updated_at: `${at}Z`, revision };
}

export function task(members: Partial<Task> = {}): Task {
  const made = owned();
  return {
    ...made,
    title: "Milk",
    description: null,
    is_completed: false,
    completed_at: null,
    is_cancelled: false,
    list_id: null,
    section_id: null,
    parent_id: null,
    position: String(made.revision).padStart(12, "0"),
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
    ...members,
  };
}

export function list(members: Partial<List> = {}): List {
  const made = owned();
  return { ...made, name: "Home", color: null, group: null, is_archived: false, position: String(made.revision).padStart(12, "0"), ...members };
}

export function section(members: Partial<Section> & { list_id: string }): Section {
  const made = owned();
  return { ...made, name: "Doing", position: String(made.revision).padStart(12, "0"), ...members };
}
