import "./side_bar.css";
import { Archive, Bell, Calendar, CalendarDays, CheckCheck, Inbox, PanelLeft, Plus, Search, Settings, Trash2 } from "lucide";
import { BASE, TITLE } from "../app/server.ts";
import { all } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { quickAddOpen } from "../quick/quick_add.tsx";
import { words } from "../words/words.ts";
import { NavLink } from "./nav_link.tsx";
import { Favourites, Lists, Things } from "./things.tsx";

export function SideBar({ onFold }: { onFold: () => void }) {
  const { common, views } = words.value;
  const hasArchived = [...all("list").values()].some(({ is_archived }) => is_archived);
  return (
    <aside class="side-bar">
      <header>
        <span>{TITLE}</span>
        <IconButton label={common.toggleSideBar} icon={PanelLeft} onClick={onFold} />
      </header>
      <nav aria-label={common.sideBar}>
        <button type="button" class="nav-link add" onClick={() => (quickAddOpen.value = true)}>
          <Icon of={Plus} />
          <span>{common.addTask}</span>
          <kbd>Q</kbd>
        </button>
        <NavLink view={{ view: "search" }} icon={Search}>
          {views.search.name}
        </NavLink>
        <NavLink view={{ view: "inbox" }} icon={Inbox}>
          {views.inbox.name}
        </NavLink>
        <NavLink view={{ view: "today" }} icon={Calendar}>
          {views.today.name}
        </NavLink>
        <NavLink view={{ view: "upcoming" }} icon={CalendarDays}>
          {views.upcoming.name}
        </NavLink>
        <Favourites />
        <Lists />
        <Things kind="filter" text={views.filters} />
        <Things kind="tag" text={views.tags} />
        <section class="apart">
          <NavLink view={{ view: "completed" }} icon={CheckCheck}>
            {views.completed.name}
          </NavLink>
          {hasArchived && (
            <NavLink view={{ view: "archived" }} icon={Archive}>
              {views.archived.name}
            </NavLink>
          )}
          <NavLink view={{ view: "deleted" }} icon={Trash2}>
            {views.deleted.name}
          </NavLink>
        </section>
      </nav>
      <footer>
        <a class="nav-link" href={`${BASE}/settings`}>
          <Icon of={Settings} />
          <span>{views.settings}</span>
        </a>
        <NavLink view={{ view: "notifications" }} icon={Bell}>
          <span class="visually-hidden">{views.notifications.name}</span>
        </NavLink>
      </footer>
    </aside>
  );
}
