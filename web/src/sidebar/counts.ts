/** How many open tasks are in each view. */

import { computed } from "@preact/signals";
import { now } from "../app/now.ts";
import type { View } from "../app/place.ts";
import { filtering } from "../app/filtering.ts";
import { get, index, onChange } from "../app/store.ts";
import type { FilterCounts } from "../../tasks/filter_counts.ts";
import type { Index } from "../../tasks/index.ts";
import { countsOf, todayView } from "../../tasks/views.ts";

const counts = computed(() => {
  const found = index();
  if (!found) return null;
  const present = found.present(now.value);
  const { overdue, today } = todayView(found, present);
  return { ...countsOf(found, present), today: overdue.length + today.length };
});

let filters: { of: Index; at: Temporal.Instant; counts: FilterCounts } | null = null;
onChange((changed) => filters?.counts.apply(changed));

/** They are kept up by each change, and begun anew with each minute. */
function filterCounts(): FilterCounts | null {
  const [found, at] = [index(), now.value];
  if (!found || !filtering.value) return null;
  if (filters?.of !== found) filters = { of: found, at, counts: new filtering.value.FilterCounts(found, found.present(at)) };
  if (filters.at !== at) filters.counts.at((filters.at = at));
  return filters.counts;
}

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
      return filter ? (filterCounts()?.of(filter) ?? 0) : 0;
    }
    default:
      return 0;
  }
}
