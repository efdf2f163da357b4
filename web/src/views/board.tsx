import "./board.css";
import { Plus } from "lucide";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { openTask, place } from "../app/place.ts";
import { loadQuickLine } from "../list/adding.ts";
import { toggle } from "../list/doing.ts";
import { SectionDialog, SectionMenu } from "../list/list_page.tsx";
import type { Adds, Group } from "../list/lines.ts";
import { Meta } from "../list/row.tsx";
import { Button } from "../parts/button.tsx";
import { Check } from "../parts/check.tsx";
import { Icon } from "../parts/icon.tsx";
import { OnDemand } from "../parts/on_demand.tsx";
import { useDropOn, useDragOf } from "../list/dragging.ts";
import type { Row } from "../../tasks/views.ts";
import type { Id } from "../../sync/things.ts";
import { words } from "../words/words.ts";

/** A list with its sections beside each other. */
export function Board({ list, groups }: { list: Id; groups: readonly Group[] }) {
  const [isAdding, setAdding] = useState(false);
  return (
    <div class="board">
      {groups.map((group) => (
        <Column key={group.key} group={group} />
      ))}
      <Button look="quiet" icon={Plus} onClick={() => setAdding(true)}>
        {words.value.section.add}
      </Button>
      {isAdding && <SectionDialog list={list} onClose={() => setAdding(false)} />}
    </div>
  );
}

function Column({ group }: { group: Group }) {
  const element = useRef<HTMLElement>(null);
  const isOver = useDropOn(element, { kind: "group", group });
  const { section } = words.value;
  const name = group.heading ?? section.none;
  return (
    <section ref={element} class={`board-column ${isOver ? "drop" : ""}`} aria-label={name}>
      <header>
        <h2>
          {name} <span class="number">{group.count}</span>
        </h2>
        {group.section && <SectionMenu id={group.section} />}
      </header>
      <ul>
        {group.rows.map((row) => (
          <Card key={row.task.id} row={row} group={group} />
        ))}
      </ul>
      <AddCard adds={group.adds ?? {}} />
    </section>
  );
}

/** At the end of a column: what is added there is filed there. */
function AddCard({ adds }: { adds: Adds }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (wasOpen.current) button.current?.focus();
    wasOpen.current = false;
  }, [isOpen]);
  const onClose = (byKey: boolean) => {
    wasOpen.current = byKey;
    setOpen(false);
  };
  if (isOpen) return <OnDemand load={loadQuickLine} props={{ adds, onClose }} />;
  return (
    <button ref={button} type="button" class="board-add" onClick={() => setOpen(true)}>
      <Icon of={Plus} size={16} />
      {words.value.common.addTask}
    </button>
  );
}

function Card({ row, group }: { row: Row; group: Group }) {
  const { task, depth } = row;
  const says = words.value.task;
  const element = useRef<HTMLLIElement>(null);
  useDragOf(element, task.id);
  const edge = useDropOn(element, { kind: "task", task, group });
  const now = place.value;
  const isOpen = now.area === "tasks" && now.task === task.id;
  const name = task.title || says.untitled;
  return (
    <li ref={element} class={`board-card ${isOpen ? "open" : ""} ${edge ? `drop-${edge}` : ""}`} style={{ marginInlineStart: `${depth * 16}px` }}>
      <Check
        priority={task.priority}
        completed={task.is_completed}
        cancelled={task.is_cancelled}
        label={says.complete.replace("#", name)}
        onToggle={() => toggle(task)}
      />
      <button type="button" class="board-task" onClick={() => openTask(task.id)}>
        <span>{name}</span>
        <Meta task={task} subtasks={row.subtasks} showsList={false} />
      </button>
    </li>
  );
}
