/** Saved filters: what is in one, and how much. Apart from the views, since whoever has none need not load it. */

import type { Filter, Task } from "../sync/things.ts";
import { meant } from "./conditions.ts";
import { parseFilter } from "./filter.ts";
import { FilterInvalid } from "./filter_invalid.ts";
import type { Index } from "./index.ts";
import type { Present } from "./moments.ts";
import { orderOf } from "./sort.ts";
import { tasksOf } from "./views.ts";

export { FilterCounts } from "./filter_counts.ts";

/** Its tasks in its order, or what is wrong with its text. */
export function filtered(index: Index, { query, sort }: Pick<Filter, "query" | "sort">, present: Present): readonly Task[] | FilterInvalid {
  try {
    const condition = meant(parseFilter(query));
    return tasksOf(index, condition, orderOf(condition, sort), present);
  } catch (error) {
    if (error instanceof FilterInvalid) return error;
    throw error;
  }
}
