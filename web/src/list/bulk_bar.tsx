import { CheckCheck, Flag, FolderInput, Hash, Trash2, X } from "lucide";
import { useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { useKeys } from "../app/keys.ts";
import { IconButton } from "../parts/button.tsx";
import type { Operation, Priority, Task } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { ListPicker, PriorityMenu, TagPicker } from "./pickers.tsx";
import { selectedTasks, selectNone } from "./selecting.ts";

type Asks = { what: "list" | "priority" | "tag"; anchor: HTMLElement } | null;

/** What can be done with everything that is selected: each is one act, and is undone as one. */
export function BulkBar() {
  const tasks = selectedTasks.value;
  const [asks, setAsks] = useState<Asks>(null);
  const { bulk, common, task: says } = words.value;
  useKeys(() => (tasks.length > 0 ? [{ keys: "escape", press: selectNone }] : []));
  if (tasks.length === 0) return null;
  const close = () => setAsks(null);
  const all = (operation: (task: Task) => Operation) => {
    act(tasks.map(operation), counted(language.value, tasks.length, bulk.changed));
    selectNone();
  };
  const ask = (what: NonNullable<Asks>["what"]) => (event: MouseEvent & { currentTarget: HTMLElement }) =>
    setAsks({ what, anchor: event.currentTarget });
  const update = (task: object) => all(({ id }) => ({ op: "update", kind: "task", id, task }));
  return (
    <div class="bulk-bar" role="toolbar" aria-label={bulk.name}>
      <IconButton label={common.cancel} icon={X} onClick={selectNone} />
      <span role="status">{counted(language.value, tasks.length, bulk.selected)}</span>
      <IconButton
        label={bulk.complete}
        icon={CheckCheck}
        onClick={() => all(({ id }) => ({ op: "complete", kind: "task", id }))}
      />
      <IconButton label={says.moveTo} icon={FolderInput} aria-haspopup="dialog" onClick={ask("list")} />
      <IconButton label={says.priority} icon={Flag} aria-haspopup="menu" onClick={ask("priority")} />
      <IconButton label={bulk.tag} icon={Hash} aria-haspopup="dialog" onClick={ask("tag")} />
      <IconButton
        label={common.delete}
        icon={Trash2}
        onClick={() => all(({ id }) => ({ op: "delete", kind: "task", id }))}
      />
      {asks?.what === "list" && (
        <ListPicker
          anchor={asks.anchor}
          onClose={close}
          onChoose={(to) => all(({ id }) => ({ op: "move", kind: "task", id, to: { ...to, parent_id: null, place: "last" } }))}
        />
      )}
      {asks?.what === "priority" && (
        <PriorityMenu anchor={asks.anchor} onClose={close} onChoose={(priority: Priority) => update({ priority })} />
      )}
      {asks?.what === "tag" && (
        <TagPicker
          anchor={asks.anchor}
          onClose={close}
          onChoose={(name) => all(({ id }) => ({ op: "tag", kind: "task", id, tags: [name] }))}
        />
      )}
    </div>
  );
}
