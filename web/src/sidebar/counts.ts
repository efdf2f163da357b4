/** How many open tasks are in each view. */

import { computed } from "@preact/signals";
import { now } from "../app/now.ts";
import type { View } from "../app/place.ts";
import { filterCounts, get, index } from "../app/store.ts";
import { countsOf, todayView } from "../../tasks/views.ts";

const counts = computed(() => {
  const found = index();
  if (!found) return null;
  const present = found.present(now.value);
  const { overdue, today } = todayView(found, present);
  return { ...countsOf(found, present), today: overdue.length + today.length };
});

export function countOf(view: View): number {
  const found = counts.value;
  if (!found) return 0;
  switch (view.view) {
    case "inbox":
      return found.inbox;
    case "today":
      return found.today;
    case "list":
      return found.lists.get(view.id) ?? 0;
    case "tag":
      return found.tags.get(view.id) ?? 0;
    case "filter": {
      const filter = get("filter", view.id);
      return filter ? (filterCounts(now.value)?.of(filter) ?? 0) : 0;
    }
    default:
      return 0;
  }
}
