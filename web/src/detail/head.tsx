import { Ban, ChevronLeft, Copy, Ellipsis, FolderInput, Link, SkipForward, Trash2, X } from "lucide";
import { useRef, useState } from "preact/hooks";
import { openTask } from "../app/place.ts";
import { get } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { type MenuItem, MenuButton } from "../parts/menu.tsx";
import { cancel, skip } from "../list/doing.ts";
import type { Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { copyLink, duplicate, moveTo, moveToNewList, remove } from "./doing.ts";
import { PlaceButton } from "./place_button.tsx";

/** Where the task is, what can be done with it as a whole, and the way out. */
export function Head({ task }: { task: Task }) {
  const { detail, common, task: says } = words.value;
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const where = useRef<HTMLButtonElement>(null);
  const parent = get("task", task.parent_id);
  const items = (): MenuItem[] => [
    { label: says.moveTo, icon: FolderInput, choose: () => setAnchor(where.current) },
    { label: detail.duplicate, icon: Copy, choose: () => duplicate(task) },
    { label: detail.copyLink, icon: Link, choose: () => void copyLink(task.id) },
    ...(task.recurrence && !task.is_completed ? [{ label: says.skip, icon: SkipForward, choose: () => skip(task) }] : []),
    ...(task.is_completed ? [] : [{ label: says.cancel, icon: Ban, choose: () => cancel(task) }]),
    { label: common.delete, icon: Trash2, danger: true, apart: true, choose: () => remove(task) },
  ];
  return (
    <header class="detail-head">
      {parent && (
        <IconButton label={detail.parent.replace("#", parent.title)} icon={ChevronLeft} onClick={() => openTask(parent.id)} />
      )}
      <PlaceButton
        label={detail.list}
        chosen={task}
        anchor={anchor}
        button={where}
        onAnchor={setAnchor}
        onChoose={({ list_id, section_id }) => moveTo(task, list_id, section_id)}
        onCreate={(name) => moveToNewList(task, name)}
      />
      <MenuButton label={detail.more} icon={Ellipsis} items={items} />
      <IconButton label={detail.close} icon={X} onClick={() => openTask(null)} />
    </header>
  );
}
