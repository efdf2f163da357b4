import { Ban, Calendar, CircleCheck, Flag, FolderInput, PanelRight, Repeat, SquareCheck, Tag, Trash2 } from "lucide";
import { openTask } from "../app/place.ts";
import { Menu, type MenuItem } from "../parts/menu.tsx";
import type { Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { askFor, type Asked, menuOf } from "./asked.ts";
import { cancel, remove, skip, toggle } from "./doing.ts";
import { select } from "./selecting.ts";

/** All that can be done with a task from its row: by the second button, by a long touch, and by `.`. */
export function RowMenu() {
  const now = menuOf.value;
  if (!now) return null;
  return (
    <Menu
      anchor={now.anchor}
      label={now.task.title}
      items={itemsOf(now.task, now.anchor)}
      onClose={() => {
        if (menuOf.value === now) menuOf.value = null;
      }}
    />
  );
}

function itemsOf(task: Task, anchor: HTMLElement): readonly MenuItem[] {
  const { bulk, common, task: says } = words.value;
  const ask = (what: Asked["what"]) => () => askFor(what, task, anchor);
  return [
    { label: says.open, icon: PanelRight, key: "⏎", choose: () => openTask(task.id) },
    { label: task.is_completed ? says.reopenIt : says.completeIt, icon: CircleCheck, key: "␣", choose: () => toggle(task) },
    { label: says.date, icon: Calendar, key: "D", apart: true, choose: ask("date") },
    { label: says.moveTo, icon: FolderInput, key: "V", choose: ask("list") },
    { label: says.priority, icon: Flag, key: "P", choose: ask("priority") },
    { label: bulk.tag, icon: Tag, key: "T", choose: ask("tag") },
    ...(task.recurrence && task.due
      ? [{ label: says.skip, icon: Repeat, choose: () => skip(task) }]
      : []),
    ...(task.is_completed ? [] : [{ label: says.cancel, icon: Ban, choose: () => cancel(task) }]),
    { label: bulk.select, icon: SquareCheck, key: "X", apart: true, choose: () => select(task.id) },
    { label: common.delete, icon: Trash2, danger: true, apart: true, choose: () => remove(task) },
  ];
}
