/** How many open tasks are in each view. */

import { computed } from "@preact/signals";
import type { View } from "../app/place.ts";
import { groupsOf } from "../views/groups_of.ts";

export const counts = computed(() => ({
  of: (view: View): number => groupsOf(view).reduce((sum, { tasks }) => sum + tasks.length, 0),
}));
