/** The kinds of things that Doable keeps for a person, as its API sends them. Instants are RFC 3339, dates `YYYY-MM-DD`. */

export type Id = string;
export type Priority = "none" | "low" | "medium" | "high";

/** `at` is answered where there is a time zone; sent back it is passed over. */
export interface Moment {
  date: string;
  time: string | null;
  timezone: string | null;
  at?: string | null;
}

export interface Recurrence {
  rule: string;
  from: "due" | "completion";
  occurrence?: string;
  /** False: only the server knows where it goes on, by another rule of a calendar program or its exceptions. */
  is_supported?: boolean;
}

export interface Reminder {
  id: Id;
  offset: string | null;
  relative_to: "due" | "start" | null;
  at: string | null;
  remind_at: string | null;
}

interface Owned {
  id: Id;
  user_id: Id;
  created_at: string;
  updated_at: string;
  revision: number;
}

export interface Task extends Owned {
  title: string;
  description: string | null;
  is_completed: boolean;
  completed_at: string | null;
  is_cancelled: boolean;
  list_id: Id | null;
  section_id: Id | null;
  parent_id: Id | null;
  position: string;
  priority: Priority;
  tags: readonly string[];
  due: Moment | null;
  start: Moment | null;
  estimate_minutes: number | null;
  url: string | null;
  reminders: readonly Reminder[];
  recurrence: Recurrence | null;
  series_id: Id | null;
  next_id: Id | null;
}

export interface List extends Owned {
  name: string;
  color: string | null;
  group: string | null;
  is_archived: boolean;
  position: string;
}

export interface Section extends Owned {
  list_id: Id;
  name: string;
  position: string;
}

export interface Tag extends Owned {
  name: string;
  color: string | null;
  position: string;
}

export interface Filter extends Owned {
  name: string;
  query: string;
  sort: string | null;
  color: string | null;
  position: string;
}

export interface Notification extends Owned {
  kind: "reminder" | "digest";
  task_id: Id;
  reminder_id: Id;
  remind_at: string;
  is_seen: boolean;
}

/** One of each person, with the person's id. `revision` is 0 while nothing was ever set. */
export interface Preferences {
  user_id: Id;
  updated_at: string | null;
  revision: number;
  timezone: string;
  week_starts_on: "monday" | "saturday" | "sunday";
  day_reminder_at: string;
  quiet: { from: string; until: string } | null;
  reminder_channels: readonly ("push" | "email")[];
  language: "en" | "de";
  theme: "system" | "light" | "dark";
  default_list_id: Id | null;
  start_page: string;
  digest_at: string | null;
}

export interface Things {
  task: Task;
  list: List;
  section: Section;
  tag: Tag;
  filter: Filter;
  notification: Notification;
  preferences: Preferences;
}

export type Kind = keyof Things;

export type Place =
  | { before: Id; after?: never; place?: never }
  | { after: Id; before?: never; place?: never }
  | { place: "first" | "last"; before?: never; after?: never };

/** What is sent of a thing: nothing that only the server writes. */
export type NewTask = { title: string } & Partial<
  Pick<
    Task,
    | "description"
    | "list_id"
    | "section_id"
    | "parent_id"
    | "priority"
    | "tags"
    | "start"
    | "due"
    | "estimate_minutes"
    | "url"
    | "recurrence"
  > & { reminders: readonly NewReminder[] }
>;
export type NewReminder = Partial<Pick<Reminder, "id" | "offset" | "relative_to" | "at">>;
export type TaskChanges = Partial<Omit<NewTask, "list_id" | "section_id" | "parent_id">>;

/**
 * What a person does, in the words of the API's batch. Some are requests of their own: those on preferences and
 * notifications, `snooze`, and a list or tag whose change takes many tasks along.
 */
export type Operation =
  | { op: "create"; kind: "task"; id: Id; task: NewTask }
  | { op: "update"; kind: "task"; id: Id; task: TaskChanges }
  | { op: "complete"; kind: "task"; id: Id; is_cancelled?: boolean; subtasks?: "complete" | "leave" }
  | { op: "reopen"; kind: "task"; id: Id }
  | { op: "skip"; kind: "task"; id: Id; occurrence: string }
  | { op: "tag" | "untag"; kind: "task"; id: Id; tags: readonly string[] }
  | { op: "delete"; kind: "task" | "section" | "tag" | "filter"; id: Id }
  | { op: "delete"; kind: "list"; id: Id; tasks: "inbox" | "delete" }
  | { op: "snooze"; kind: "task"; id: Id; reminder_id: Id; until: string }
  | {
      op: "move";
      kind: "task";
      id: Id;
      to: { list_id?: Id | null; section_id?: Id | null; parent_id?: Id | null } & (Place | object);
    }
  | { op: "create"; kind: "list"; id: Id; list: { name: string } & Partial<Pick<List, "color" | "group" | "is_archived">> }
  | { op: "create"; kind: "section"; id: Id; section: Pick<Section, "list_id" | "name"> }
  | { op: "create"; kind: "tag"; id: Id; tag: { name: string; color?: string | null } }
  | { op: "create"; kind: "filter"; id: Id; filter: Pick<Filter, "name" | "query"> & Partial<Pick<Filter, "sort" | "color">> }
  | { op: "update"; kind: "list"; id: Id; list: Partial<Pick<List, "name" | "color" | "group" | "is_archived">> }
  | { op: "update"; kind: "section"; id: Id; section: Partial<Pick<Section, "name">> }
  | { op: "update"; kind: "tag"; id: Id; tag: Partial<Pick<Tag, "name" | "color">> }
  | { op: "update"; kind: "filter"; id: Id; filter: Partial<Pick<Filter, "name" | "query" | "sort" | "color">> }
  | { op: "update"; kind: "preferences"; id: Id; preferences: Partial<Omit<Preferences, "user_id" | "updated_at" | "revision">> }
  | { op: "update"; kind: "notification"; id: Id; notification: { is_seen: boolean } }
  | { op: "seen"; kind: "notification"; up_to: number }
  | { op: "move"; kind: "list" | "tag" | "filter"; id: Id; to: Place }
  | { op: "move"; kind: "section"; id: Id; to: { list_id?: Id } & (Place | object) }
  | { op: "merge"; kind: "tag"; id: Id; into: Id };
