import "./list.css";
import { ChevronDown, ChevronRight, Plus } from "lucide";
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { act, announce } from "../app/acting.ts";
import { useKeys } from "../app/keys.ts";
import { openTask, place } from "../app/place.ts";
import { Icon } from "../parts/icon.tsx";
import { OnDemand } from "../parts/on_demand.tsx";
import { Windowed } from "../parts/windowed.tsx";
import type { Id, Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { useDropOn } from "./dragging.ts";
import { editing, remove, shifted, toggle } from "./doing.ts";
import { canBeBelow } from "./dropping.ts";
import { fold, folded } from "./folding.ts";
import { ADD_LINE, adding, loadQuickLine } from "./adding.ts";
import { type Group, type Line, linesOf } from "./lines.ts";
import { Row, type Style } from "./row.tsx";
import { asked, askFor, type Asked, menuOf } from "./asked.ts";
import { SectionMenu } from "./list_page.tsx";
import { select, selectedTasks } from "./selecting.ts";

const loadAsking = async () => (await import("./asking.tsx")).Asking;
const loadBulkBar = async () => (await import("./bulk_bar.tsx")).BulkBar;
const loadRowMenu = async () => (await import("./row_menu.tsx")).RowMenu;

/** The line that has the focus, or gets it when somebody comes here by keyboard. */
const focused = signal<string | null>(null);

/** Tasks from top to bottom. Of thousands only those are in the document that are on the screen. */
export function TaskList({ groups, showsList = false }: { groups: readonly Group[]; showsList?: boolean }) {
  const now = place.value;
  const open = now.area === "tasks" ? now.task : null;
  const hidden = folded.value;
  const lines = useMemo(() => linesOf(groups, hidden), [groups, hidden]);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => () => void (adding.value = null), []);
  const at = Math.max(0, useFocus(lines, element));
  useListKeys(lines, at, element);
  return (
    <div
      ref={element}
      onFocusIn={(event) => {
        const key = (event.target as HTMLElement).closest<HTMLElement>("[data-key]")?.dataset["key"];
        if (key) focused.value = key;
      }}
    >
      {selectedTasks.value.length > 0 && <OnDemand load={loadBulkBar} props={{}} />}
      {menuOf.value && <OnDemand load={loadRowMenu} props={{}} />}
      {asked.value && <OnDemand load={loadAsking} props={{}} />}
      <Windowed
        items={lines}
        heightOf={heights.value}
        keyOf={keyOf}
        keep={at}
        label={words.value.task.list}
        row={(line, style, index) =>
          line.kind === "task" ? (
            <Row
              line={line}
              index={index}
              open={line.key === open}
              focused={index === at}
              showsList={showsList}
              showsTree={!showsList}
              order={() => lines.flatMap((each) => (each.kind === "task" ? [each.key] : []))}
              style={style}
            />
          ) : (
            <Heading line={line} index={index} focused={index === at} style={style} />
          )
        }
      />
    </div>
  );
}

function Heading({ line, index, focused: isFocused, style }: { line: Exclude<Line, { kind: "task" }>; index: number; focused: boolean; style: Style }) {
  if (line.kind === "add") return <AddLine line={line} index={index} focused={isFocused} style={style} />;
  return <GroupHeading line={line} index={index} focused={isFocused} style={style} />;
}

function GroupHeading({ line, index, focused: isFocused, style }: { line: Extract<Line, { kind: "heading" }>; index: number; focused: boolean; style: Style }) {
  const isFolded = folded.value.has(line.key);
  const element = useRef<HTMLDivElement>(null);
  const isOver = useDropOn(element, { kind: "group", group: line.group });
  return (
    <div
      ref={element}
      class={`row heading ${isOver ? "drop-inside" : ""}`}
      role="row"
      data-key={line.key}
      tabIndex={isFocused ? 0 : -1}
      aria-rowindex={index + 1}
      aria-level={1}
      aria-expanded={!isFolded}
      style={style}
      onClick={(event) => {
        if (!(event.target as Element).closest("button, [popover], dialog")) fold(line.key);
      }}
    >
      <span role="gridcell">
        <h2>
          <Icon of={isFolded ? ChevronRight : ChevronDown} size={16} />
          <span class="heading-text">{line.text}</span>
          {line.group.count > 0 && <span class="number">{line.group.count}</span>}
        </h2>
      </span>
      {line.group.section && (
        <span role="gridcell">
          <SectionMenu id={line.group.section} />
        </span>
      )}
    </div>
  );
}

/** At the end of a list or a section: what is added there is filed there. */
function AddLine({ line, index, focused: isFocused, style }: { line: Extract<Line, { kind: "add" }>; index: number; focused: boolean; style: Style }) {
  const { key, group } = line;
  const open = adding.value;
  if (open?.key === key) {
    return (
      <div class="row add-line" role="row" data-key={key} tabIndex={-1} aria-rowindex={index + 1} style={style}>
        <span role="gridcell">
          <OnDemand
            load={loadQuickLine}
            props={{
              adds: group.adds ?? {},
              takesFocus: open.takesFocus,
              onHeight: (height) => (adding.value = { key, height, takesFocus: false }),
              onClose: (byKey) => {
                adding.value = null;
                if (byKey) focusLine(document.querySelector<HTMLElement>(".rows"), key);
              },
            }}
          />
        </span>
      </div>
    );
  }
  return (
    <div class="row add-line" role="row" aria-rowindex={index + 1} style={style}>
      <span role="gridcell">
        <button type="button" data-key={key} tabIndex={isFocused ? 0 : -1} onClick={() => (adding.value = { key, height: ADD_LINE, takesFocus: true })}>
          <Icon of={Plus} size={16} />
          {words.value.common.addTask}
        </button>
      </span>
    </div>
  );
}

/** Where the focus is among the lines. If its line has gone, it moves to the one that took its place. */
function useFocus(lines: readonly Line[], element: { current: HTMLElement | null }): number {
  const last = useRef(0);
  // Together, so that this is not drawn once more for it.
  const [index, isNew] = batch(() => {
    const before = focused.peek();
    const at = indexOf(lines, before);
    const found = at < 0 ? Math.min(last.current, lines.length - 1) : at;
    const hasGone = at < 0 && before !== null;
    if (hasGone) leave(before, lines[found]?.key, element.current);
    void focused.value;
    return [found, hasGone];
  });
  useLayoutEffect(() => {
    last.current = index;
    if (!isNew) return;
    // What had the focus is gone from the document, and nothing else has taken it.
    const isLost = document.activeElement === document.body;
    if (isLost || isOn(focused.peek(), element.current)) focusLine(element.current, lines[index]?.key);
  }, [index, isNew, lines, element]);
  return index;
}

function indexOf(lines: readonly Line[], key: string | null): number {
  return key === null ? -1 : lines.findIndex((line) => line.key === key);
}

const lineIn = (list: HTMLElement | null, key: string) => list?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
const isOn = (key: string | null, list: HTMLElement | null) =>
  document.activeElement !== null && key !== null && lineIn(list, key) === document.activeElement;

/**
 * The focus goes to the next line while this one is still in the document: where something is taken out that has it, the browser
 * works out the styles of the whole list at once, and for the picture once more.
 */
function leave(key: string, next: string | undefined, list: HTMLElement | null): void {
  if (next !== undefined && isOn(key, list)) lineIn(list, next)?.focus({ preventScroll: true });
}

function focusLine(list: HTMLElement | null, key: string | undefined): void {
  if (key === undefined) return;
  focused.value = key;
  // It may not be in the document yet.
  requestAnimationFrame(() => {
    const line = lineIn(list, key);
    if (line !== document.activeElement) line?.focus({ preventScroll: true });
    line?.scrollIntoView({ block: "nearest" });
  });
}

function useListKeys(lines: readonly Line[], at: number, element: { current: HTMLElement | null }): void {
  const says = words.value.task;
  const line = lines[at];
  const task: Task | null = line?.kind === "task" ? line.task : null;
  const step = (to: number) => focusLine(element.current, lines[Math.max(0, Math.min(lines.length - 1, to))]?.key);
  const isIn = () => element.current?.contains(document.activeElement) ?? false;
  const from = () => (isIn() ? at : -1);
  const onTask = (does: (task: Task) => void) => () => {
    if (task && isIn()) does(task);
  };
  const siblings = () =>
    lines.flatMap((each) =>
      each.kind === "task" && task && each.task.parent_id === task.parent_id && each.group === line?.group ? [each.task] : [],
    );
  const shift = (way: "up" | "down") =>
    onTask((moved) => {
      const to = shifted(moved, siblings(), way);
      if (!to) return;
      act({ op: "move", kind: "task", id: moved.id, to });
      announce(says.moved);
      focusLine(element.current, moved.id);
    });
  const extend = (by: 1 | -1) =>
    onTask(({ id }) => {
      const next = lines[at + by];
      select(id, true);
      if (next?.kind === "task") select(next.key, true);
      step(at + by);
    });
  const row = () => (document.activeElement?.closest<HTMLElement>(".row") ?? element.current) as HTMLElement;
  const ask = (what: Asked["what"]) => onTask((one) => askFor(what, one, row()));
  const open = onTask(({ id }) => openTask(id));
  const foldOr = (isFolded: boolean, otherwise: () => void) => () => {
    const folds = line && (line.kind === "heading" || (line.kind === "task" && line.subtasks > 0));
    if (isIn() && folds && folded.value.has(line.key) !== isFolded) fold(line.key, isFolded);
    else if (isIn()) otherwise();
  };
  useKeys(() => [
    { keys: "j", does: () => says.next, group: "task", press: () => step(from() + 1) },
    { keys: "arrowdown", press: () => step(from() + 1) },
    { keys: "k", does: () => says.previous, group: "task", press: () => step(from() - 1) },
    { keys: "arrowup", press: () => step(from() - 1) },
    { keys: "home", press: () => step(0) },
    { keys: "end", press: () => step(lines.length - 1) },
    { keys: "arrowleft", press: foldOr(true, () => step(parentOf(lines, at))) },
    { keys: "arrowright", press: foldOr(false, () => step(at + 1)) },
    { keys: "enter", does: () => says.open, group: "task", press: line?.kind === "heading" ? () => fold(line.key) : open },
    { keys: "space", does: () => says.toggle, group: "task", press: onTask(toggle) },
    { keys: "x", does: () => words.value.bulk.select, group: "task", press: onTask(({ id }) => select(id)) },
    { keys: "shift+arrowdown", does: () => words.value.bulk.extendDown, group: "task", press: extend(1) },
    { keys: "shift+arrowup", does: () => words.value.bulk.extendUp, group: "task", press: extend(-1) },
    { keys: "d", does: () => says.date, group: "task", press: ask("date") },
    { keys: "v", does: () => says.moveTo, group: "task", press: ask("list") },
    { keys: "p", does: () => says.priority, group: "task", press: ask("priority") },
    { keys: "t", does: () => words.value.bulk.tag, group: "task", press: ask("tag") },
    { keys: ".", does: () => says.menu, group: "task", press: onTask((one) => (menuOf.value = { task: one, anchor: row() })) },
    { keys: "mod+a", press: () => selectAll(lines) },
    { keys: "e", does: () => says.rename, group: "task", press: onTask(({ id }) => (editing.value = id)) },
    { keys: "delete", does: () => says.delete, group: "task", press: onTask(remove) },
    { keys: "alt+arrowup", does: () => says.moveUp, group: "task", press: shift("up") },
    { keys: "alt+arrowdown", does: () => says.moveDown, group: "task", press: shift("down") },
    { keys: "alt+arrowright", does: () => says.indent, group: "task", press: onTask(({ id }) => indent(id, siblings())) },
    { keys: "alt+arrowleft", does: () => says.outdent, group: "task", press: onTask(({ parent_id }) => task && outdent(task.id, parent_id, lines)) },
  ]);
}

function selectAll(lines: readonly Line[]): void {
  for (const line of lines) if (line.kind === "task") select(line.key, true);
}

/** Below the sibling above it, as its last subtask. */
function indent(id: Id, siblings: readonly Task[]): void {
  const above = siblings[siblings.findIndex((each) => each.id === id) - 1];
  if (!above || !canBeBelow(id, above)) return;
  fold(above.id, false);
  act({ op: "move", kind: "task", id, to: { parent_id: above.id, place: "last" } });
}

/** Beside its parent, right after it. */
function outdent(id: Id, parent: Id | null, lines: readonly Line[]): void {
  const above = lines.find((line) => line.key === parent);
  if (above?.kind !== "task") return;
  act({ op: "move", kind: "task", id, to: { parent_id: above.task.parent_id, after: above.task.id } });
}

function parentOf(lines: readonly Line[], at: number): number {
  const line = lines[at];
  const depth = line?.kind === "task" ? line.depth : 0;
  for (let index = at - 1; index >= 0; index -= 1) {
    const above = lines[index];
    if (above?.kind === "heading" || (above?.kind === "task" && above.depth < depth)) return index;
  }
  return at;
}

const keyOf = (line: Line): string => line.key;

const isNarrow = asSignal(matchMedia("(max-width: 800px)"));
const isCoarse = asSignal(matchMedia("(pointer: coarse)"));

/** Each of thousands of lines asks for it, and asking the browser takes longer than all the rest of a line. */
function asSignal(query: MediaQueryList): ReadonlySignal<boolean> {
  const matches = signal(query.matches);
  query.addEventListener("change", () => (matches.value = query.matches));
  return matches;
}

/** As list.css has it. On a phone what is said of a task stands below its title. */
const heights = computed(() => {
  const [bare, withMeta] = isNarrow.value ? [48, 60] : isCoarse.value ? [48, 48] : [40, 40];
  const open = adding.value;
  return (line: Line): number => {
    if (line.kind === "heading") return 48;
    if (line.kind === "add") return line.key === open?.key ? open.height : ADD_LINE;
    return bare !== withMeta && hasMeta(line) ? withMeta : bare;
  };
});

function hasMeta({ task, subtasks }: Extract<Line, { kind: "task" }>): boolean {
  return Boolean(
    task.due || task.recurrence || task.reminders.length || task.url || task.description || subtasks || task.tags.length || task.is_cancelled,
  );
}
