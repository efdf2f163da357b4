import { signal } from "@preact/signals";
import { act } from "../app/acting.ts";
import { OnDemand } from "../parts/on_demand.tsx";
import type { Moment, Operation, Task } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { ListPicker, PriorityMenu, TagPicker } from "./pickers.tsx";
import { selectNone } from "./selecting.ts";

const loadDatePicker = async () => (await import("../detail/date_picker.tsx")).DatePicker;

export interface Asked {
  what: "date" | "list" | "priority" | "tag";
  tasks: readonly Task[];
  anchor: HTMLElement;
}

/** What is being chosen for one task or for many, beside what it was asked at. */
export const asked = signal<Asked | null>(null);

/** Does it to all of them as one act, which is undone as one. */
export function toAll(tasks: readonly Task[], operation: (task: Task) => Operation): void {
  act(tasks.map(operation), counted(language.value, tasks.length, words.value.bulk.changed));
  selectNone();
}

export function Asking() {
  const now = asked.value;
  if (!now) return null;
  const { anchor, tasks, what } = now;
  const onClose = () => {
    if (asked.value === now) asked.value = null;
  };
  const update = (task: object) => toAll(tasks, ({ id }) => ({ op: "update", kind: "task", id, task }));
  switch (what) {
    case "date":
      return (
        <OnDemand
          load={loadDatePicker}
          props={{
            anchor,
            label: words.value.task.date,
            value: tasks.length === 1 ? (tasks[0]?.due ?? null) : null,
            onChoose: (due: Moment | null) => update({ due }),
            onClose,
          }}
        />
      );
    case "list":
      return (
        <ListPicker
          anchor={anchor}
          onClose={onClose}
          onChoose={(to) =>
            toAll(tasks, ({ id }) => ({ op: "move", kind: "task", id, to: { ...to, parent_id: null, place: "last" } }))
          }
        />
      );
    case "priority":
      return <PriorityMenu anchor={anchor} onClose={onClose} onChoose={(priority) => update({ priority })} />;
    case "tag":
      return (
        <TagPicker
          anchor={anchor}
          onClose={onClose}
          onChoose={(name) => toAll(tasks, ({ id }) => ({ op: "tag", kind: "task", id, tags: [name] }))}
        />
      );
  }
}
