import { Calendar, CalendarDays, CheckCheck, Hash, Inbox, type IconNode, List, ListFilter, Search } from "lucide";
import type { ComponentChildren } from "preact";
import { place, type View } from "../app/place.ts";
import { get } from "../app/store.ts";
import { TaskList } from "../list/task_list.tsx";
import { Empty } from "../parts/empty.tsx";
import { words } from "../words/words.ts";
import { groupsOf } from "./groups_of.ts";

const ICONS: Partial<Record<View["view"], IconNode>> = {
  inbox: Inbox,
  today: Calendar,
  upcoming: CalendarDays,
  completed: CheckCheck,
  search: Search,
  tag: Hash,
  filter: ListFilter,
};

/** What is in the middle: the view's name, and its tasks. `start` stands before the name. */
export function ViewPage({ start }: { start: ComponentChildren }) {
  const where = place.value;
  const { common, views } = words.value;
  if (where.area !== "tasks") return <Empty icon={Search} title={common.nothingHere.title}><p>{common.nothingHere.text}</p></Empty>;
  const groups = groupsOf(where);
  const says = views[where.view];
  return (
    <div class="scroll">
      <div class="column">
        <header class="view-head">
          {start}
          <h1>{"id" in where ? nameOf(where) : views[where.view].name}</h1>
        </header>
        {groups.some(({ tasks }) => tasks.length > 0) ? (
          <TaskList groups={groups} showsList={where.view !== "list" && where.view !== "inbox"} />
        ) : (
          <Empty icon={ICONS[where.view] ?? List} title={says.title}>
            <p>{says.text}</p>
          </Empty>
        )}
      </div>
    </div>
  );
}

function nameOf(view: Extract<View, { id: string }>): string {
  return get(view.view, view.id)?.name ?? "";
}
