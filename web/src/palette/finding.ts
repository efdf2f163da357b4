/** What the palette finds by what is typed: where one can go, what one can do, and tasks. */

import { CircleCheck, Circle, type IconNode, List, ListFilter, Tag } from "lucide";
import { go, openTask, to, type View } from "../app/place.ts";
import { all, index } from "../app/store.ts";
import { fold } from "../parts/fold.ts";
import { searchCompleted, searchView } from "../../tasks/views.ts";
import { ICONS } from "../views/view_page.tsx";
import { words } from "../words/words.ts";

export interface Found {
  key: string;
  label: string;
  icon: IconNode;
  /** What it is, or the keys that do it. */
  hint?: string;
  choose: () => void;
}

const MOST_TASKS = 30;
const SIMPLE = ["inbox", "today", "upcoming", "search", "completed", "deleted", "notifications"] as const;

/** `commands`: what can be done at present. */
export function find(typed: string, commands: readonly Found[]): readonly Found[] {
  const wanted = fold(typed.trim());
  const named = [...places(), ...commands].filter(({ label }) => fold(label).includes(wanted));
  // What begins with it is meant more often than what has it somewhere.
  const ranked = named.toSorted((a, b) => Number(!fold(a.label).startsWith(wanted)) - Number(!fold(b.label).startsWith(wanted)));
  return wanted === "" ? named : [...ranked, ...tasks(typed)];
}

function places(): Found[] {
  const { views, palette } = words.value;
  const place = (view: View, label: string, icon: IconNode, hint: string): Found => ({
    key: to(view),
    label,
    icon,
    hint,
    choose: () => go(to(view)),
  });
  return [
    ...SIMPLE.map((view) => place({ view }, views[view].name, ICONS[view], palette.goTo)),
    ...[...all("list").values()].map(({ id, name }) => place({ view: "list", id }, name, List, palette.list)),
    ...[...all("filter").values()].map(({ id, name }) => place({ view: "filter", id }, name, ListFilter, palette.filter)),
    ...[...all("tag").values()].map(({ id, name }) => place({ view: "tag", id }, name, Tag, palette.tag)),
  ];
}

function tasks(typed: string): Found[] {
  const ours = index();
  if (!ours) return [];
  const open = searchView(ours, typed).slice(0, MOST_TASKS);
  const found = [...open, ...searchCompleted(ours, typed, MOST_TASKS - open.length)];
  return found.map((task) => ({
    key: task.id,
    label: task.title,
    icon: task.is_completed ? CircleCheck : Circle,
    hint: words.value.palette.task,
    choose: () => {
      go(to(task.list_id ? { view: "list", id: task.list_id } : { view: "inbox" }));
      openTask(task.id);
    },
  }));
}
