/** What the palette finds by what is typed: where one can go, what one can do, and tasks. */

import { CircleCheck, Circle, Hash, type IconNode, List, ListFilter } from "lucide";
import { go, openTask, to, type View } from "../app/place.ts";
import { all } from "../app/store.ts";
import { fold } from "../parts/fold.ts";
import type { Task } from "../../sync/things.ts";
import { matches, termsOf, wordsOfTask } from "../../tasks/words.ts";
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
    ...SIMPLE.map((view) => place({ view }, views[view].name, List, palette.goTo)),
    ...[...all("list").values()].map(({ id, name }) => place({ view: "list", id }, name, List, palette.list)),
    ...[...all("filter").values()].map(({ id, name }) => place({ view: "filter", id }, name, ListFilter, palette.filter)),
    ...[...all("tag").values()].map(({ id, name }) => place({ view: "tag", id }, name, Hash, palette.tag)),
  ];
}

function tasks(typed: string): Found[] {
  const found = searched(typed, MOST_TASKS);
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

const texts = new WeakMap<Task, string>();

/** The tasks that have all these words: open ones first, then the newest. */
export function searched(typed: string, most = Number.POSITIVE_INFINITY): Task[] {
  const terms = termsOf(typed);
  if (terms.length === 0) return [];
  const found = [...all("task").values()].filter((task) => {
    let text = texts.get(task);
    if (text === undefined) texts.set(task, (text = wordsOfTask(task)));
    return matches(text, terms);
  });
  const byState = (task: Task) => (task.is_completed ? 1 : 0);
  return found.toSorted((a, b) => byState(a) - byState(b) || (a.created_at < b.created_at ? 1 : -1)).slice(0, most);
}
