import { OnDemand } from "../parts/on_demand.tsx";
import { newId } from "../../sync/ids.ts";
import type { Moment, Operation } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { asked, toAll } from "./asked.ts";
import { dated } from "./doing.ts";
import { ListPicker, PriorityMenu, TagPicker, type Where } from "./pickers.tsx";

const loadDatePicker = async () => (await import("../detail/date_picker.tsx")).DatePicker;

/** A picker for what is asked. */
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
            onChoose: (due: Moment | null) =>
              toAll(tasks, (task) => ({ op: "update", kind: "task", id: task.id, task: dated(task, "due", due) })),
            onClose,
          }}
        />
      );
    case "list": {
      const moveTo = (to: Where, first: readonly Operation[] = []) =>
        toAll(
          tasks,
          ({ id }) => ({ op: "move", kind: "task", id, to: { ...to, parent_id: null, place: "last" } }),
          words.value.bulk.moved,
          first,
        );
      return (
        <ListPicker
          anchor={anchor}
          onClose={onClose}
          onChoose={(to) => moveTo(to)}
          onCreate={(name) => {
            const id = newId();
            moveTo({ list_id: id, section_id: null }, [{ op: "create", kind: "list", id, list: { name } }]);
          }}
        />
      );
    }
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
