import { Calendar, CalendarDays, CheckCheck, Hash, Inbox, type IconNode, ListFilter, PanelLeft, Plus, Search, Settings } from "lucide";
import type { ComponentChildren } from "preact";
import { place, to, type View } from "../app/place.ts";
import { BASE, TITLE } from "../app/server.ts";
import { all } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { quickAddOpen } from "../quick/quick_add.tsx";
import { words } from "../words/words.ts";

export function SideBar({ onFold }: { onFold: () => void }) {
  const { common, views } = words.value;
  return (
    <aside class="side-bar">
      <header>
        <span>{TITLE}</span>
        <IconButton label={common.sideBar} icon={PanelLeft} onClick={onFold} />
      </header>
      <nav aria-label={common.sideBar}>
        <button type="button" class="nav-link" onClick={() => (quickAddOpen.value = true)}>
          <Icon of={Plus} />
          <span>{common.addTask}</span>
          <kbd>q</kbd>
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
        <NavLink view={{ view: "completed" }} icon={CheckCheck}>
          {views.completed.name}
        </NavLink>
        <Things kind="list" heading={views.lists} />
        <Things kind="filter" heading={views.filters} icon={ListFilter} />
        <Things kind="tag" heading={views.tags} icon={Hash} />
      </nav>
      <footer>
        <a class="nav-link" href={`${BASE}/settings`}>
          <Icon of={Settings} />
          <span>{views.settings}</span>
        </a>
      </footer>
    </aside>
  );
}

function Things({ kind, heading, icon }: { kind: "list" | "tag" | "filter"; heading: string; icon?: IconNode }) {
  const things = [...all(kind).values()].toSorted((a, b) => (a.position < b.position ? -1 : 1));
  if (things.length === 0) return null;
  return (
    <section>
      <h2>{heading}</h2>
      {things.map((thing) => (
        <NavLink key={thing.id} view={{ view: kind, id: thing.id }} {...(icon ? { icon } : {})} color={thing.color}>
          {thing.name}
        </NavLink>
      ))}
    </section>
  );
}

function NavLink({
  view,
  icon,
  color = null,
  children,
}: {
  view: View;
  icon?: IconNode;
  color?: string | null;
  children: ComponentChildren;
}) {
  const now = place.value;
  const isHere = now.area === "tasks" && to(now) === to(view);
  return (
    <a class="nav-link" href={to(view)} aria-current={isHere ? "page" : undefined}>
      {icon ? <Icon of={icon} /> : <span class="dot" style={color ? { background: color } : {}} />}
      <span>{children}</span>
    </a>
  );
}
