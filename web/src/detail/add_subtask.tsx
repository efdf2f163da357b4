import { Plus } from "lucide";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { act, announce } from "../app/acting.ts";
import { newId } from "../../sync/ids.ts";
import { nameOf } from "../app/keys.ts";
import { LONGEST_TITLE } from "../app/limits.ts";
import { get } from "../app/store.ts";
import { Growing } from "../parts/growing.tsx";
import { Icon } from "../parts/icon.tsx";
import type { Id, Operation } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { useLeaving } from "./leaving.ts";
import { MOST_LEVELS, type Row } from "./outline.ts";

/** Where the next subtask goes. `after` null: it is the first. */
export interface Spot {
  parent: Id;
  after: Id | null;
  depth: number;
}

/** A line that becomes a subtask, one after the other. */
export function AddSubtask({
  spot,
  rows,
  level,
  root,
  onSpot,
}: {
  spot: Spot;
  rows: readonly Row[];
  level: number;
  root: Id;
  onSpot: (spot: Spot | null) => void;
}) {
  const says = words.value.detail;
  const hint = useId();
  const [text, setText] = useState("");
  // Tab indents while one is adding; where nothing was begun it leads on, as it does everywhere.
  const isAdding = useRef(false);
  const line = useRef<HTMLLIElement>(null);
  const add = (): boolean => {
    const title = text.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_TITLE);
    if (!title) return false;
    const id = newId();
    const made: Operation[] = [{ op: "create", kind: "task", id, task: { title, parent_id: spot.parent } }];
    if (hasMore(spot, rows)) made.push({ op: "move", kind: "task", id, to: spot.after ? { after: spot.after } : { place: "first" } });
    act(made);
    announce(words.value.task.added);
    setText("");
    isAdding.current = true;
    onSpot({ ...spot, after: id });
    return true;
  };
  useLeaving(add);
  // It is put elsewhere with its place, and loses the focus by that.
  useLayoutEffect(() => line.current?.querySelector("textarea")?.focus(), [spot]);
  const left = () => {
    if (line.current?.contains(document.activeElement)) return;
    add();
    onSpot(null);
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const key = nameOf(event);
    const isOn = isAdding.current || text !== "";
    let next: Spot | null | undefined;
    if (key === "enter") {
      if (!add()) onSpot(null);
    } else if (key === "escape") {
      onSpot(null);
      (event.currentTarget as HTMLElement).closest<HTMLElement>(".detail")?.focus();
    } else if (key === "alt+arrowright" || (key === "tab" && isOn)) next = deeper(spot, rows, level);
    else if (key === "alt+arrowleft" || (key === "shift+tab" && isOn)) next = higher(spot, root);
    else return;
    if (next === null) return; // there is no such level: Tab then leads on
    if (next) onSpot(next);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <li class="subtask" ref={line} style={{ paddingInlineStart: `${spot.depth * 20}px` }}>
      <div>
        <span class="add-sign">
          <Icon of={Plus} />
        </span>
        <Growing
          aria-label={says.addSubtask}
          aria-describedby={hint}
          placeholder={says.addSubtask}
          value={text}
          enterkeyhint="enter"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={press}
          onBlur={() => setTimeout(left)}
        />
      </div>
      <p class="visually-hidden" id={hint}>
        {says.subtaskHint}
      </p>
    </li>
  );
}

/** Whether anything stands behind the place: the end is where a new one goes by itself. */
function hasMore({ parent, after }: Spot, rows: readonly Row[]): boolean {
  const siblings = rows.filter((row) => row.task.parent_id === parent);
  return siblings.length > 0 && siblings.at(-1)?.task.id !== after;
}

function deeper({ after, depth }: Spot, rows: readonly Row[], level: number): Spot | null {
  if (after === null || level + depth + 2 > MOST_LEVELS) return null;
  const last = rows.findLast((row) => row.task.parent_id === after);
  return { parent: after, after: last?.task.id ?? null, depth: depth + 1 };
}

function higher({ parent, depth }: Spot, root: Id): Spot | null {
  const above = parent === root ? undefined : get("task", parent)?.parent_id;
  return above ? { parent: above, after: parent, depth: depth - 1 } : null;
}
