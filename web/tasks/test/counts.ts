/** What is counted, as the API counts it, of the parts by which the side bar does. */

import type { Id, Task } from "../../sync/things.ts";
import type { Index } from "../index.ts";
import { hasCome } from "../matching.ts";
import type { Present } from "../moments.ts";
import { todayView } from "../views.ts";

interface Counts {
  readonly inbox: number;
  readonly today: number;
  readonly overdue: number;
  readonly lists: ReadonlyMap<Id, number>;
  readonly tags: ReadonlyMap<Id, number>;
}

/** How many open tasks there are, as the API counts them: without those in archived lists. */
export function countsOf(index: Index, present: Present): Counts {
  const lists = [...index.client.all("list").values()].filter((list) => !list.is_archived);
  const tags = [...index.client.all("tag").values()];
  return {
    inbox: index.countInList(null),
    today: todayView(index, present).today.length,
    overdue: overdueOf(index, present).length,
    lists: new Map(lists.map(({ id }) => [id, index.countInList(id)])),
    tags: new Map(tags.map(({ id, name }) => [id, index.countTagged(name)])),
  };
}

/** What is overdue: a whole day when it is over, else when its time has come. */
export function overdueOf(index: Index, present: Present): readonly Task[] {
  const { local } = present.comes;
  const come = hasCome("due", present);
  // Where the clock was put back, what is still to come may have the same local time.
  const some = index.due.items.slice(0, index.due.before(({ due }) => due !== null && due > local));
  return some.map((open) => open.task).filter((task) => come(task) && !index.isArchived(task));
}
