import "./views.css";
import { Archive, Bell, Calendar, CalendarDays, CheckCheck, Inbox, type IconNode, List, ListFilter, Scale, Search, Tag, Trash2 } from "lucide";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { isNew } from "../account/first_visit.ts";
import { Button } from "../parts/button.tsx";
import { counted } from "../words/counted.ts";
import { place, type View } from "../app/place.ts";
import { get, loading } from "../app/store.ts";
import { boards, ListMenu } from "../list/list_page.tsx";
import { TaskList } from "../list/task_list.tsx";
import { Empty } from "../parts/empty.tsx";
import { OnDemand } from "../parts/on_demand.tsx";
import { language, words } from "../words/words.ts";
import { shownOf } from "./groups_of.ts";
import { SearchView } from "./search.tsx";

export const ICONS: Record<View["view"], IconNode> = {
  inbox: Inbox,
  today: Calendar,
  upcoming: CalendarDays,
  completed: CheckCheck,
  archived: Archive,
  deleted: Trash2,
  notifications: Bell,
  problems: Scale,
  search: Search,
  list: List,
  tag: Tag,
  filter: ListFilter,
};

const loadWelcome = async () => (await import("../account/welcome.tsx")).Welcome;
const loadBoard = async () => (await import("./board.tsx")).Board;

/** Those that are no list of tasks, or not only. */
const OTHERS = {
  archived: async () => (await import("./archived.tsx")).ArchivedView,
  deleted: async () => (await import("./deleted.tsx")).DeletedView,
  notifications: async () => (await import("./notifications.tsx")).NotificationsView,
  problems: async () => (await import("./problems.tsx")).ProblemsView,
};

/** What is in the middle: the view's name, and its tasks. `start` stands before the name. */
export function ViewPage({ start }: { start: ComponentChildren }) {
  const where = place.value;
  const { common, views } = words.value;
  if (where.area !== "tasks" || !isThere(where)) {
    return (
      <Empty icon={Search} title={common.nothingHere.title}>
        <p>{common.nothingHere.text}</p>
      </Empty>
    );
  }
  return (
    <div class="scroll" key={"id" in where ? where.id : where.view}>
      <div class={where.view === "list" && boards.value.has(where.id) ? "column wide" : "column"}>
        <header class="view-head">
          {start}
          <h1>{"id" in where ? get(where.view, where.id)?.name : views[where.view].name}</h1>
          {where.view === "list" && <ListMenu list={where.id} />}
        </header>
        {where.view === "search" ? (
          // At once: what is typed right after `/` is what is looked for, and no key of the tasks.
          <SearchView />
        ) : where.view in OTHERS ? (
          <OnDemand load={OTHERS[where.view as keyof typeof OTHERS]} props={{}} />
        ) : (
          <Tasks view={where} />
        )}
      </div>
    </div>
  );
}

function Tasks({ view }: { view: View }) {
  const [withLater, setWithLater] = useState(false);
  const { groups, later, wrong } = shownOf(view, { withLater });
  const says = words.value.views[view.view];
  const isEmpty = groups.every(({ count, section }) => count === 0 && !section);
  const greets = (view.view === "today" || view.view === "inbox") && isNew();
  return (
    <>
      {greets && <OnDemand load={loadWelcome} props={{}} />}
      {isEmpty && loading.value ? null : view.view === "list" && boards.value.has(view.id) ? (
        <OnDemand load={loadBoard} props={{ list: view.id, groups }} />
      ) : (
        groups.some(({ rows, adds, heading }) => rows.length > 0 || adds || heading !== undefined) && (
          <TaskList groups={groups} showsList={view.view !== "list" && view.view !== "inbox"} />
        )
      )}
      {isEmpty && !greets && !loading.value && (
        <Empty icon={ICONS[view.view]} title={says.title}>
          <p>{wrong ?? says.text}</p>
        </Empty>
      )}
      {(later > 0 || withLater) && (
        <Button look="quiet" class="later" aria-pressed={withLater} onClick={() => setWithLater(!withLater)}>
          {withLater ? words.value.common.hideLater : counted(language.value, later, words.value.common.later)}
        </Button>
      )}
    </>
  );
}

/** While the account is read for the first time, what is not there yet may come. */
function isThere(view: View): boolean {
  return !("id" in view) || get(view.view, view.id) !== undefined || loading.value;
}
