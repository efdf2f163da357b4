import type { View } from "../app/place.ts";
import { all, get } from "../app/store.ts";
import type { Group } from "../list/lines.ts";
import type { Task } from "../../sync/things.ts";

/** The tasks of a view, in their order. */
export function groupsOf(view: View): readonly Group[] {
  const belongs = belongsTo(view);
  const tasks = [...all("task").values()].filter(belongs).toSorted((a, b) => (a.position < b.position ? -1 : 1));
  return [{ key: "all", tasks }];
}

function belongsTo(view: View): (task: Task) => boolean {
  const today = Temporal.Now.plainDateISO().toString();
  switch (view.view) {
    case "inbox":
      return (task) => !task.is_completed && task.list_id === null;
    case "list":
      return (task) => !task.is_completed && task.list_id === view.id;
    case "today":
      return (task) => !task.is_completed && task.due !== null && task.due.date <= today;
    case "upcoming":
      return (task) => !task.is_completed && task.due !== null;
    case "completed":
      return (task) => task.is_completed;
    case "tag": {
      const name = get("tag", view.id)?.name ?? "";
      return (task) => !task.is_completed && task.tags.includes(name);
    }
    default:
      return () => false;
  }
}
