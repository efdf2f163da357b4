import { Ban, ChevronLeft, ChevronsUpDown, Copy, Ellipsis, FolderInput, Inbox, Link, SkipForward, Trash2, X } from "lucide";
import { useRef, useState } from "preact/hooks";
import { openTask } from "../app/place.ts";
import { get } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { type MenuItem, MenuButton } from "../parts/menu.tsx";
import { cancel, skip } from "../list/doing.ts";
import { ListPicker } from "../list/pickers.tsx";
import type { Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { copyLink, duplicate, moveTo, moveToNewList, placeName, remove } from "./doing.ts";

/** Where the task is, what can be done with it as a whole, and the way out. */
export function Head({ task }: { task: Task }) {
  const { detail, common, task: says } = words.value;
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const where = useRef<HTMLButtonElement>(null);
  const parent = get("task", task.parent_id);
  const list = get("list", task.list_id);
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
      <button
        type="button"
        class="detail-place"
        ref={where}
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        aria-label={`${detail.list}: ${placeName(task.list_id, task.section_id)}`}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {list ? <span class="dot" style={list.color ? { background: list.color } : {}} /> : <Icon of={Inbox} size={16} />}
        <span>{placeName(task.list_id, task.section_id)}</span>
        <Icon of={ChevronsUpDown} size={14} />
      </button>
      <MenuButton label={detail.more} icon={Ellipsis} items={items} />
      <IconButton label={detail.close} icon={X} onClick={() => openTask(null)} />
      {anchor && (
        <ListPicker
          anchor={anchor}
          chosen={task}
          onChoose={({ list_id, section_id }) => moveTo(task, list_id, section_id)}
          onCreate={(name) => moveToNewList(task, name)}
          onClose={() => setAnchor(null)}
        />
      )}
    </header>
  );
}
