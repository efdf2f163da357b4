import { Calendar, CalendarDays, Inbox, Menu, Search } from "lucide";
import { place, to } from "../app/place.ts";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";

const LINKS = [
  ["inbox", Inbox],
  ["today", Calendar],
  ["upcoming", CalendarDays],
  ["search", Search],
] as const;

/** On a phone, where a thumb reaches it. */
export function BottomBar({ onMore }: { onMore: () => void }) {
  const now = place.value;
  return (
    <nav class="bottom-bar" aria-label={words.value.common.views}>
      {LINKS.map(([view, icon]) => (
        <a
          key={view}
          href={to({ view })}
          aria-current={now.area === "tasks" && now.view === view ? "page" : undefined}
        >
          <Icon of={icon} size={22} />
          {words.value.views[view].name}
        </a>
      ))}
      <button type="button" onClick={onMore}>
        <Icon of={Menu} size={22} />
        {words.value.common.more}
      </button>
    </nav>
  );
}
