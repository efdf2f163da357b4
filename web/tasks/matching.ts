/** Which tasks a tree of conditions means, as a function: what does not depend on the task is looked up once. */

import type { Id, List, Moment as Due, Section, Task } from "../sync/things.ts";
import type { Condition, Dated } from "./conditions.ts";
import { localOf, type Moment, type Present, type Resolved } from "./moments.ts";
import { keyOf } from "../sync/texts.ts";
import { matches, termsOf, wordsOfTask } from "./words.ts";

/** What filters look at beside the task. */
export interface World {
  lists: ReadonlyMap<Id, List>;
  sections: ReadonlyMap<Id, Section>;
  present: Present;
  /** The text that a task is found by, where that is kept. */
  wordsOf?: (task: Task) => string;
}

export type Matches = (task: Task) => boolean;

const ALWAYS: Matches = () => true;

export function matcher(condition: Condition, world: World): Matches {
  switch (condition.is) {
    case "every":
      return every(condition.of.map((part) => matcher(part, world)));
    case "either":
      return either(condition.of.map((part) => matcher(part, world)));
    case "not": {
      const opposite = matcher(condition.of, world);
      return (task) => !opposite(task);
    }
    case "completed":
      return (task) => task.is_completed;
    case "cancelled":
      return (task) => task.is_completed && task.is_cancelled;
    case "recurring":
      return (task) => !task.is_completed && task.recurrence !== null;
    case "archived":
      return inLists(world, (list) => list.is_archived);
    case "overdue": {
      const come = hasCome("due", world.present);
      return (task) => !task.is_completed && come(task);
    }
    case "available": {
      const come = hasCome("start", world.present);
      return (task) => task.start === null || come(task);
    }
    case "having":
      return HAVING[condition.what];
    case "inbox":
      return (task) => task.list_id === null;
    case "in":
      return (task) => task.list_id === condition.list;
    case "named":
      return named(condition, world);
    case "priority":
      return (task) => task.priority === condition.priority;
    case "between":
      return between(condition.what, condition.since, condition.before, world.present);
    case "words":
      return searched(condition.text, world.wordsOf ?? wordsOfTask);
  }
}

const HAVING: Readonly<Record<"due" | "time" | "tags" | "parent", Matches>> = {
  due: (task) => task.due !== null,
  time: (task) => task.due !== null && task.due.time !== null,
  tags: (task) => task.tags.length > 0,
  parent: (task) => task.parent_id !== null,
};

function every([first = ALWAYS, ...rest]: readonly Matches[]): Matches {
  if (rest.length === 0) return first;
  const others = every(rest);
  return (task) => first(task) && others(task);
}

function either([first = ALWAYS, ...rest]: readonly Matches[]): Matches {
  if (rest.length === 0) return first;
  const others = either(rest);
  return (task) => first(task) || others(task);
}

function inLists({ lists }: World, isMeant: (list: List) => boolean): Matches {
  const ids = new Set([...lists.values()].filter(isMeant).map((list) => list.id));
  if (ids.size === 0) return () => false;
  return (task) => task.list_id !== null && ids.has(task.list_id);
}

function named({ what, name, isBeginning }: Condition & { is: "named" }, world: World): Matches {
  const key = keyOf(name);
  if (what === "list") return inLists(world, (list) => keyOf(list.name) === key);
  if (what === "section") {
    const ids = new Set([...world.sections.values()].filter((section) => keyOf(section.name) === key).map((section) => section.id));
    return (task) => task.section_id !== null && ids.has(task.section_id);
  }
  // Few names, on many tasks.
  const known = new Map<string, boolean>();
  const isMeant = (tag: string): boolean => {
    let found = known.get(tag);
    if (found === undefined) known.set(tag, (found = isBeginning ? keyOf(tag).startsWith(key) : keyOf(tag) === key));
    return found;
  };
  return (task) => task.tags.some(isMeant);
}

function searched(text: string, wordsOf: (task: Task) => string): Matches {
  const terms = termsOf(text);
  return (task) => matches(wordsOf(task), terms);
}

/** Local times are compared as such, and instants as instants. */
export function hasCome(what: "due" | "start", { comes }: Present): Matches {
  const isLater = laterThan(what, comes);
  return (task) => {
    const date = task[what];
    return date !== null && !isLater(date);
  };
}

function between(what: Dated, since: Moment | undefined, before: Moment | undefined, present: Present): Matches {
  const from = since && present.resolve(since);
  const to = before && present.resolve(before);
  if (what === "created" || what === "completed") {
    return (task) => {
      const at = task[`${what}_at`];
      return at !== null && (from === undefined || at >= from.instant) && (to === undefined || at < to.instant);
    };
  }
  const isBeforeFrom = from && earlierThan(what, from);
  const isBeforeTo = to && earlierThan(what, to);
  return (task) => {
    const date = task[what];
    return date !== null && !isBeforeFrom?.(date) && (isBeforeTo?.(date) ?? true);
  };
}

const earlierThan = (what: "due" | "start", bound: Resolved) => compared(what, bound, (there, here) => there < here);
const laterThan = (what: "due" | "start", bound: Resolved) => compared(what, bound, (there, here) => there > here);

function compared(what: "due" | "start", { local, instant }: Resolved, is: (there: string, here: string) => boolean): (date: Due) => boolean {
  const day = local.slice(0, 10);
  return (date) => {
    if (date.at) return is(date.at, instant);
    // Mostly the day decides, and no text has to be put together.
    return date.date === day ? is(localOf(what, date), local) : is(date.date, day);
  };
}
