/** Where and when a line is typed. */

import { now } from "../app/now.ts";
import { place } from "../app/place.ts";
import { present } from "../app/present.ts";
import { all, get, preferences } from "../app/store.ts";
import type { Adds } from "../list/lines.ts";
import { knownZone } from "../../sync/dates.ts";
import type { Destination, Here } from "../../tasks/quick/understand.ts";
import { inPlace } from "../../tasks/views.ts";

/** The person's lists with their sections, those in the archive last. */
function destinations(): readonly Destination[] {
  const sections = inPlace(all("section").values());
  const lists = inPlace(all("list").values()).toSorted((a, b) => Number(a.is_archived) - Number(b.is_archived));
  return lists.map(({ id, name }) => ({ id, name, sections: sections.filter((section) => section.list_id === id) }));
}

export function here(): Here {
  const { timezone, language, week_starts_on, day_reminder_at } = preferences.value;
  return {
    now: now.value,
    timezone: knownZone(timezone),
    lang: language,
    weekStartsOn: week_starts_on,
    dayReminderAt: day_reminder_at,
    lists: destinations(),
    listId: null,
  };
}

/** With what a task begins that is added where one is: in a list, today, with a tag. */
export function placeHere(): Adds {
  const where = place.value;
  const { default_list_id } = preferences.value;
  const usual: Adds = { list_id: get("list", default_list_id) ? default_list_id : null };
  if (where.area !== "tasks") return usual;
  if (where.view === "inbox") return { list_id: null };
  if (where.view === "list") return { list_id: where.id };
  if (where.view === "today") return { ...usual, due: present().toPlainDate().toString() };
  const tag = where.view === "tag" ? get("tag", where.id) : undefined;
  return tag ? { ...usual, tags: [tag.name] } : usual;
}
