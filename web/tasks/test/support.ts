/** Things as the server sends them, for tests. */

import type { Changed } from "../../sync/client.ts";
import type { Filter, Id, Kind, List, Preferences, Section, Tag, Task, Things } from "../../sync/things.ts";

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

export function tag(members: Partial<Tag> = {}): Tag {
  const made = owned();
  return { ...made, name: "shop", color: null, position: String(made.revision).padStart(12, "0"), ...members };
}

export function filter(members: Partial<Filter> = {}): Filter {
  const made = owned();
  return { ...made, name: "Mine", query: "today", sort: null, color: null, position: String(made.revision).padStart(12, "0"), ...members };
}

export function preferences(members: Partial<Preferences> = {}): Preferences {
  return {
    user_id: USER,
    updated_at: null,
    revision: ++count,
    timezone: "Europe/Berlin",
    week_starts_on: "monday",
    day_reminder_at: "09:00:00",
    quiet: null,
    reminder_channels: ["push"],
    language: "en",
    theme: "system",
    default_list_id: null,
    start_page: "today",
    digest_at: null,
    ...members,
  };
}

/** What a client has in memory, and nothing else of one. */
export class Account {
  readonly user: Id;
  readonly #things: { readonly [K in Kind]: Map<Id, Things[K]> } = {
    task: new Map(),
    list: new Map(),
    section: new Map(),
    tag: new Map(),
    filter: new Map(),
    notification: new Map(),
    preferences: new Map(),
  };

  constructor(user = USER) {
    this.user = user;
  }

  get<K extends Kind>(kind: K, id: Id): Things[K] | undefined {
    return this.all(kind).get(id);
  }

  all<K extends Kind>(kind: K): ReadonlyMap<Id, Things[K]> {
    return this.#things[kind];
  }

  put<K extends Kind>(kind: K, ...things: Things[K][]): Changed[] {
    const table: Map<Id, Things[K]> = this.#things[kind];
    return things.map((thing) => {
      const id = "id" in thing ? thing.id : thing.user_id;
      table.set(id, thing);
      return { kind, id };
    });
  }

  delete(kind: Kind, id: Id): Changed[] {
    this.#things[kind].delete(id);
    return [{ kind, id }];
  }
}
