/** How many open tasks are in each view, and of notifications how many nobody has seen. */

import { computed, effect, signal, untracked } from "@preact/signals";
import { afterPaint } from "../app/idle.ts";
import { now } from "../app/now.ts";
import type { View } from "../app/place.ts";
import { filtering } from "../app/filtering.ts";
import { all, get, index, onChange } from "../app/store.ts";
import type { FilterCounts } from "../../tasks/filter_counts.ts";
import type { Index } from "../../tasks/index.ts";
import { todayView } from "../../tasks/views.ts";

const today = computed(() => {
  const found = index();
  if (!found) return 0;
  const { overdue, today: due } = todayView(found, found.present(now.value));
  return overdue.length + due.length;
});

let filters: { of: Index; at: Temporal.Instant; counts: FilterCounts } | null = null;
onChange((changed) => filters?.counts.apply(changed));

const unseen = computed(() => [...all("notification").values()].filter(({ is_seen }) => !is_seen).length);

/** They are kept up by each change, and begun anew with each minute. */
function filterCounts(): FilterCounts | null {
  const [found, at] = [index(), now.value];
  if (!found || !filtering.value) return null;
  if (filters?.of !== found) filters = { of: found, at, counts: new filtering.value.FilterCounts(found, found.present(at)) };
  if (filters.at !== at) filters.counts.at((filters.at = at));
  return filters.counts;
}

/** Counts follow what one does, once that is on the screen. */
const painted = signal(0);
let follows = false;
effect(() => {
  void [index(), filtering.value, now.value, unseen.value, all("tag"), all("filter")];
  if (follows) return;
  follows = true;
  afterPaint(() => {
    follows = false;
    painted.value++;
  });
});

/** As it was when the screen was last painted. */
export function paintedCountOf(view: View): number {
  void painted.value;
  return untracked(() => countOf(view));
}

export function countOf(view: View): number {
  const found = index();
  if (!found) return 0;
  switch (view.view) {
    case "inbox":
      return found.countInList(null);
    case "today":
      return today.value;
    case "list":
      return found.countInList(view.id);
    case "tag":
      return found.countTagged(get("tag", view.id)?.name ?? "");
    case "filter": {
      const filter = get("filter", view.id);
      return filter ? (filterCounts()?.of(filter) ?? 0) : 0;
    }
    case "notifications":
      return unseen.value;
    default:
      return 0;
  }
}
