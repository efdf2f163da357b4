import { ArrowDown, ArrowUp, ChevronRight, Ellipsis, IndentDecrease, IndentIncrease, Plus, Trash2 } from "lucide";
import { useRef, useState } from "preact/hooks";
import { act, announce } from "../app/acting.ts";
import { nameOf } from "../app/keys.ts";
import { openTask } from "../app/place.ts";
import { get, index } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { type MenuItem, MenuButton } from "../parts/menu.tsx";
import type { Id, Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { AddSubtask, type Spot } from "./add_subtask.tsx";
import { levelOf, MOST_LEVELS, moved, outline, type Row } from "./outline.ts";
import { Theirs } from "./theirs.tsx";
import { keepTitle } from "./title.tsx";
import { TitleField } from "./title_field.tsx";
import { useWriting } from "./writing.ts";

/** What is below the task, as an outline that is written in. */
export function Subtasks({ task }: { task: Task }) {
  const says = words.value.detail;
  const [spot, setSpot] = useState<Spot | null>(null);
  const level = levelOf(task, (id) => get("task", id));
  const tasks = index();
  const rows = outline((id) => tasks?.below(id) ?? [], task.id);
  if (rows.length === 0 && level >= MOST_LEVELS) return null;
  const done = rows.filter((row) => row.task.is_completed).length;
  // The new one stands behind the last row of what it comes after.
  const at = spot ? placeOf(spot, rows) : rows.length;
  // One list with keys: what is moved in it stays the same element.
  const items = rows.map((row) => <Subtask key={row.task.id} row={row} rows={rows} level={level} onAdd={setSpot} />);
  if (spot) items.splice(at, 0, <AddSubtask key="add" spot={spot} rows={rows} level={level} root={task.id} onSpot={setSpot} />);
  return (
    <section class="subtasks" aria-label={says.subtasks}>
      {rows.length > 0 && (
        <h2>
          {says.subtasks}
          <span class="count">
            {done}/{rows.length}
          </span>
        </h2>
      )}
      <ul>{items}</ul>
      {!spot && level < MOST_LEVELS && (
        <button type="button" class="member unset" onClick={() => setSpot({ parent: task.id, after: lastOf(rows), depth: 0 })}>
          <Icon of={Plus} />
          <span>{says.addSubtask}</span>
        </button>
      )}
    </section>
  );
}

function lastOf(rows: readonly Row[]): Id | null {
  return rows.findLast((row) => row.depth === 0)?.task.id ?? null;
}

function placeOf({ after, depth }: Spot, rows: readonly Row[]): number {
  const place = rows.findIndex((row) => row.task.id === after);
  if (place < 0) return after === null ? 0 : rows.length;
  const next = rows.findIndex((row, each) => each > place && row.depth <= depth);
  return next < 0 ? rows.length : next;
}

function Subtask({ row, rows, level, onAdd }: { row: Row; rows: readonly Row[]; level: number; onAdd: (spot: Spot) => void }) {
  const { detail, task: says } = words.value;
  const { task, depth } = row;
  const writing = useWriting(task.title, (text, replaces) => keepTitle(task, text, replaces));
  const element = useRef<HTMLLIElement>(null);
  const move = (by: "in" | "out" | "up" | "down"): boolean => {
    const to = moved(row, by, rows, level);
    if (!to) return false;
    act({ op: "move", kind: "task", id: task.id, to });
    keepFocus(element.current);
    announce({ in: detail.indented, out: detail.outdented, up: detail.movedUp, down: detail.movedDown }[by].replace("#", task.title));
    return true;
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const key = nameOf(event);
    const by = ({ "alt+arrowright": "in", "alt+arrowleft": "out", "alt+arrowup": "up", "alt+arrowdown": "down" } as const)[key];
    if (by) move(by);
    else if (key === "enter") {
      writing.finish();
      onAdd({ parent: task.parent_id ?? "", after: task.id, depth });
    } else if (key === "escape") (event.currentTarget as HTMLElement).closest<HTMLElement>(".detail")?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const items = (): MenuItem[] => [
    ...item(moved(row, "in", rows, level), { label: detail.indent, icon: IndentIncrease, choose: () => move("in") }),
    ...item(moved(row, "out", rows, level), { label: detail.outdent, icon: IndentDecrease, choose: () => move("out") }),
    ...item(moved(row, "up", rows, level), { label: says.moveUp, icon: ArrowUp, choose: () => move("up") }),
    ...item(moved(row, "down", rows, level), { label: says.moveDown, icon: ArrowDown, choose: () => move("down") }),
    {
      label: words.value.common.delete,
      icon: Trash2,
      danger: true,
      apart: true,
      choose: () => act({ op: "delete", kind: "task", id: task.id }, says.deleted),
    },
  ];
  return (
    <li class="subtask" ref={element} style={{ paddingInlineStart: `${depth * 20}px` }}>
      <div>
        <TitleField task={task} writing={writing} enterkeyhint="enter" onKeyDown={press} />
        <MenuButton class="reveal" label={detail.subtaskMenu.replace("#", task.title)} icon={Ellipsis} items={items} />
        <IconButton
          class="reveal"
          label={detail.openSubtask.replace("#", task.title)}
          icon={ChevronRight}
          onClick={() => openTask(task.id)}
        />
      </div>
      <Theirs writing={writing} />
    </li>
  );
}

/** An element that is put elsewhere in the document loses the focus. */
function keepFocus(row: HTMLElement | null): void {
  requestAnimationFrame(() => row?.querySelector("textarea")?.focus());
}

function item(can: object | null, of: MenuItem): MenuItem[] {
  return can ? [of] : [];
}

