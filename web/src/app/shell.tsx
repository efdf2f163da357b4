import { Menu as MenuIcon, Plus } from "lucide";
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import "./next_person.ts";
import { OnDemand } from "../parts/on_demand.tsx";
import { EndedSession } from "../account/ended_session.tsx";
import { followFirstVisit } from "../account/first_visit.ts";
import { Detail } from "../detail/detail.tsx";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { QuickAdd, quickAddOpen } from "../quick/quick_add.tsx";
import { BottomBar } from "../sidebar/bottom_bar.tsx";
import { SideBar } from "../sidebar/side_bar.tsx";
import { ViewPage } from "../views/view_page.tsx";
import { words } from "../words/words.ts";
import { undo } from "./acting.ts";
import { pressEarlyKeys } from "./early_keys.ts";
import { keep, kept } from "./kept.ts";
import { useKeys } from "./keys.ts";
import { Notices } from "./notices.tsx";
import { follow, go, openTask, place, to } from "./place.ts";
import { get, loading } from "./store.ts";
import { Toasts } from "./toasts.tsx";

const FOLDED = "doable.side-bar-folded";

/** On a wide screen the side bar can be folded away, and stays so; on a phone it is opened over the tasks. */
const folded = signal(kept(FOLDED) === 1);
const barOpen = signal(false);

/** As many know them: one key after `g` would be two. */
const GOES = [
  ["1", "today"],
  ["2", "inbox"],
  ["3", "upcoming"],
  ["/", "search"],
] as const;

const loadPalette = async () => (await import("../palette/palette.tsx")).Palette;
const loadSettings = async () => (await import("../settings/settings.tsx")).SettingsPage;
const loadKeysHelp = async () => (await import("../palette/keys_help.tsx")).KeysHelp;

function toggleBar(): void {
  if (matchMedia("(max-width: 800px)").matches) {
    barOpen.value = !barOpen.value;
  } else {
    folded.value = !folded.value;
    keep(FOLDED, folded.value ? 1 : 0);
  }
}

export function Shell() {
  const where = place.value;
  const task = where.area === "tasks" ? where.task : null;
  const [isOpen, setOpen] = useState<"palette" | "keys" | null>(null);
  const close = () => setOpen(null);
  useEffect(followFirstVisit, []);
  useEffect(() => {
    barOpen.value = false;
  }, [where]);
  const isBarOpen = barOpen.value;
  useEffect(() => {
    if (!isBarOpen) return undefined;
    const focusOn = (which: string) => document.querySelector<HTMLElement>(which)?.focus();
    focusOn(".side-bar nav > :first-child");
    return () => {
      const { activeElement } = document;
      if (activeElement === document.body || activeElement?.closest(".side-bar")) focusOn(".bottom-bar > button");
    };
  }, [isBarOpen]);
  const isLoading = loading.value;
  useEffect(() => {
    if (where.area === "task" && !isLoading) openItsView(where.task);
  }, [where, isLoading]);
  useKeys(() => [
    { keys: "q", does: () => words.value.common.addTask, group: "do", press: () => (quickAddOpen.value = true) },
    { keys: "mod+z", does: () => words.value.common.undo, group: "do", press: () => undo() },
    { keys: "mod+k", does: () => words.value.palette.title, group: "go", inFields: true, press: () => setOpen("palette") },
    { keys: "?", does: () => words.value.palette.keys, group: "go", press: () => setOpen("keys") },
    ...GOES.map(([keys, view]) => ({
      keys,
      does: () => words.value.views[view].name,
      group: "go" as const,
      press: () => go(to({ view })),
    })),
    { keys: "escape", press: () => (barOpen.value ? toggleBar() : openTask(null)) },
    { keys: "m", does: () => words.value.common.toggleSideBar, group: "do", press: toggleBar },
  ]);
  // Together with that, and not after the picture: a key in between would be taken twice.
  useLayoutEffect(pressEarlyKeys, []);
  const start = folded.value && <IconButton label={words.value.common.toggleSideBar} icon={MenuIcon} onClick={toggleBar} />;
  const classes = ["shell", folded.value && "folded", barOpen.value && "bar-open", task && "with-detail"];
  return (
    // Links are links: a click on one is followed here, and opens a tab of its own where it is asked for.
    <div class={classes.filter(Boolean).join(" ")} onClick={follow}>
      <a class="button skip" href="#tasks">
        {words.value.common.skip}
      </a>
      {barOpen.value && <div class="scrim" onClick={toggleBar} />}
      {(!folded.value || barOpen.value) && <SideBar onFold={toggleBar} />}
      <main class="main" id="tasks" tabIndex={-1}>
        <Notices />
        {where.area === "settings" ? (
          <OnDemand load={loadSettings} props={{ page: where.page, start }} />
        ) : (
          <ViewPage start={start} />
        )}
        {where.area !== "settings" && (
          <button
            type="button"
            class="add-button"
            aria-label={words.value.common.addTask}
            onClick={() => (quickAddOpen.value = true)}
          >
            <Icon of={Plus} size={26} />
          </button>
        )}
      </main>
      {task && <Detail id={task} />}
      <BottomBar onMore={toggleBar} />
      {quickAddOpen.value && <QuickAdd />}
      {isOpen === "palette" && <OnDemand load={loadPalette} props={{ onClose: close }} />}
      {isOpen === "keys" && <OnDemand load={loadKeysHelp} props={{ onClose: close }} />}
      <EndedSession />
      <Toasts />
    </div>
  );
}

/** The address of a task, as mails have it, is shown in the list that the task is in. */
function openItsView(id: string): void {
  const list = get("task", id)?.list_id ?? null;
  go(to(list ? { view: "list", id: list } : { view: "inbox" }, { task: id }), { replace: true });
}
