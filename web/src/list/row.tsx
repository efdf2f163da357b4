import { AlignLeft, Bell, ChevronDown, ChevronRight, GripVertical, Link2, ListTree, Repeat } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { LONGEST_TITLE } from "../app/limits.ts";
import { openTask } from "../app/place.ts";
import { present } from "../app/present.ts";
import { get } from "../app/store.ts";
import { Check } from "../parts/check.tsx";
import { Icon } from "../parts/icon.tsx";
import type { Id, Task } from "../../sync/things.ts";
import { whenOf } from "../words/dates.ts";
import { language, words } from "../words/words.ts";
import { fold } from "./folding.ts";
import { useDragOf, useDropOn } from "./dragging.ts";
import type { Line } from "./lines.ts";
import { menuOf } from "./asked.ts";
import { select, selected, selectTo } from "./selecting.ts";
import { editing, rename, toggle } from "./doing.ts";

/** Of more the detail has all; here they would leave no room for the date. */
const MOST_TAGS = 3;

type TaskLine = Extract<Line, { kind: "task" }>;
export type Style = Record<string, string>;

/** One task. `showsList`: the view has tasks of several lists. `showsTree`: subtasks stand below it. */
export function Row({
  line,
  index,
  open,
  focused,
  showsList,
  showsTree,
  order,
  style,
}: {
  line: TaskLine;
  index: number;
  open: boolean;
  focused: boolean;
  showsList: boolean;
  showsTree: boolean;
  /** The tasks of the list, from top to bottom. */
  order: () => readonly Id[];
  style: Style;
}) {
  const { task, depth, subtasks } = line;
  const element = useRef<HTMLDivElement>(null);
  const isSelected = selected.value.has(task.id);
  useDragOf(element, task.id);
  const edge = useDropOn(element, { kind: "task", task, group: line.group });
  const classes = ["row", task.is_completed && "completed", open && "open", edge && `drop-${edge}`].filter(Boolean).join(" ");
  return (
    <div
      ref={element}
      class={classes}
      role="row"
      data-key={task.id}
      tabIndex={focused ? 0 : -1}
      aria-level={depth + 1}
      aria-rowindex={index + 1}
      aria-expanded={subtasks > 0 && showsTree ? !line.isFolded : undefined}
      aria-selected={isSelected}
      style={{ ...style, paddingInlineStart: `${depth * 24}px` }}
      onContextMenu={(event) => {
        if ((event.target as Element).closest("input, a")) return;
        event.preventDefault();
        menuOf.value = { task, anchor: event.currentTarget };
      }}
      onClick={(event) => {
        if ((event.target as Element).closest("button, input, a")) return;
        if (event.shiftKey) selectTo(task.id, order());
        else if (event.metaKey || event.ctrlKey || selected.value.size > 0) select(task.id);
        else openTask(task.id);
      }}
    >
      <Cells
        task={task}
        subtasks={subtasks}
        isFolded={line.isFolded}
        showsList={showsList}
        showsTree={showsTree}
        under={line.group.adds?.due}
      />
    </div>
  );
}

/** What is in a row. It is drawn again only when one of these has changed, as rows mostly move. */
function Cells({
  task,
  subtasks,
  isFolded,
  showsList,
  showsTree,
  under,
}: {
  task: Task;
  subtasks: number;
  isFolded: boolean;
  showsList: boolean;
  showsTree: boolean;
  under: string | undefined;
}) {
  const says = words.value.task;
  const name = task.title || says.untitled;
  return (
    <>
      <span role="gridcell" class="row-start">
        <span class="grip" title={says.drag}>
          <Icon of={GripVertical} size={16} />
        </span>
        {subtasks > 0 && showsTree && (
          <button
            type="button"
            class="fold"
            tabIndex={-1}
            aria-label={(isFolded ? says.unfold : says.fold).replace("#", name)}
            onClick={() => fold(task.id)}
          >
            <Icon of={isFolded ? ChevronRight : ChevronDown} size={16} />
          </button>
        )}
        <Check
          priority={task.priority}
          completed={task.is_completed}
          cancelled={task.is_cancelled}
          label={(task.is_completed ? says.reopen : says.complete).replace("#", name)}
          onToggle={() => toggle(task)}
        />
      </span>
      <span role="gridcell" class="row-body">
        {editing.value === task.id ? <Title id={task.id} title={task.title} /> : <span class="title">{name}</span>}
        <Meta task={task} subtasks={subtasks} showsList={showsList} under={under} />
      </span>
    </>
  );
}

/** The title while it is edited in place. */
function Title({ id, title }: { id: string; title: string }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  return (
    <input
      ref={input}
      class="title-input"
      aria-label={words.value.task.title}
      defaultValue={title}
      maxLength={LONGEST_TITLE}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Escape") event.currentTarget.value = title;
        const row = event.currentTarget.closest<HTMLElement>(".row");
        event.currentTarget.blur();
        row?.focus();
      }}
      onBlur={(event) => rename(id, event.currentTarget.value)}
    />
  );
}

/** What else there is to know of it, in a quieter voice. `under`: the day that a heading has said. */
export function Meta({
  task,
  subtasks,
  showsList,
  under,
}: {
  task: Task;
  subtasks: number;
  showsList: boolean;
  under?: string | undefined;
}) {
  const says = words.value.task;
  const when = whenOf(task, { says: words.value, language: language.value, now: present() }, under);
  const list = showsList ? get("list", task.list_id) : undefined;
  return (
    <span class="row-meta">
      {task.is_cancelled && <span>{says.cancelled}</span>}
      {when && <span class={`when ${when.look}`}>{when.text}</span>}
      {task.recurrence && <Sign of={Repeat} says={says.recurs} />}
      {task.reminders.length > 0 && <Sign of={Bell} says={says.reminds} />}
      {task.url && <Sign of={Link2} says={says.hasUrl} />}
      {task.description && <Sign of={AlignLeft} says={says.hasDescription} />}
      {subtasks > 0 && (
        <span class="signed" title={says.subtasks}>
          <Icon of={ListTree} size={14} />
          {subtasks}
        </span>
      )}
      {task.tags.slice(0, MOST_TAGS).map((tag) => (
        <span key={tag} class="tag">
          {tag}
        </span>
      ))}
      {task.tags.length > MOST_TAGS && <span title={task.tags.slice(MOST_TAGS).join(", ")}>+{task.tags.length - MOST_TAGS}</span>}
      {list && (
        <span class="in-list">
          <span class="dot" style={list.color ? { background: list.color } : {}} />
          {list.name}
        </span>
      )}
    </span>
  );
}

function Sign({ of, says }: { of: typeof Bell; says: string }) {
  return (
    <span title={says}>
      <Icon of={of} size={14} />
      <span class="visually-hidden">{says}</span>
    </span>
  );
}
