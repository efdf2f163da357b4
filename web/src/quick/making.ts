/** The task that is made of a line, in the place where it is added. */

import { LONGEST_TITLE } from "../app/limits.ts";
import type { Adds } from "../list/lines.ts";
import { newId } from "../../sync/ids.ts";
import type { NewTask } from "../../sync/things.ts";
import { type Here, type Piece, understand } from "../../tasks/quick/understand.ts";
import { masked, type Span, unmasked } from "./masks.ts";

export interface Line {
  task: NewTask;
  pieces: readonly Piece[];
}

/** What the line says, and what the place adds to it where the line says nothing of that. */
export function lineOf(text: string, masks: readonly Span[], here: Here, adds: Adds): Line {
  const { task, understood } = understand(masked(text, masks), { ...here, listId: adds.list_id ?? null });
  const title = unmasked(task.title, text, masks);
  const isInPlace = (task.list_id ?? null) === (adds.list_id ?? null);
  const section = isInPlace && adds.section_id && !task.section_id ? { section_id: adds.section_id } : {};
  const due = adds.due && !task.due ? { due: { date: adds.due, time: null, timezone: null } } : {};
  const tags = [...new Set([...(adds.tags ?? []), ...(task.tags ?? [])])];
  return { task: { ...task, title, ...section, ...due, ...(tags.length > 0 ? { tags } : {}) }, pieces: understood };
}

/** As it is sent: each reminder with an id, so that it is the same one everywhere from the beginning. */
export function sent(task: NewTask): NewTask {
  return task.reminders ? { ...task, reminders: task.reminders.map((reminder) => ({ id: newId(), ...reminder })) } : task;
}

/** Of a line that is longer than a title may be, the whole is the description. */
export function shortened(task: NewTask): NewTask {
  if ([...task.title].length <= LONGEST_TITLE) return task;
  return { ...task, title: `${[...task.title].slice(0, LONGEST_TITLE - 1).join("")}…`, description: task.title };
}
