import { Columns3, Ellipsis, Pencil, Plus, Rows3, Trash2 } from "lucide";
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { keep, keptTexts } from "../app/kept.ts";
import { get } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { type MenuItem, MenuButton } from "../parts/menu.tsx";
import { sectionsOf } from "../../tasks/views.ts";
import { index } from "../app/store.ts";
import { newId } from "../../sync/ids.ts";
import type { Id, Section } from "../../sync/things.ts";
import { words } from "../words/words.ts";

const KEPT = "doable.boards";

/** The lists that are shown as a board: a matter of this device. */
export const boards = signal<ReadonlySet<Id>>(new Set(keptTexts(KEPT)));

function showAsBoard(list: Id, isBoard: boolean): void {
  const next = new Set(boards.value);
  if (isBoard) next.add(list);
  else next.delete(list);
  boards.value = next;
  keep(KEPT, [...next]);
}

/** What can be done with the list that is shown: beside its name. */
export function ListMenu({ list }: { list: Id }) {
  const says = words.value.section;
  const [isAdding, setAdding] = useState(false);
  const isBoard = boards.value.has(list);
  const items = (): MenuItem[] => [
    { label: says.add, icon: Plus, choose: () => setAdding(true) },
    isBoard
      ? { label: says.asList, icon: Rows3, choose: () => showAsBoard(list, false) }
      : { label: says.asBoard, icon: Columns3, choose: () => showAsBoard(list, true) },
  ];
  return (
    <>
      <MenuButton label={`${words.value.common.more}: ${get("list", list)?.name ?? ""}`} icon={Ellipsis} items={items} />
      {isAdding && <SectionDialog list={list} onClose={() => setAdding(false)} />}
    </>
  );
}

/** What can be done with a section: at its heading. */
export function SectionMenu({ id }: { id: Id }) {
  const { common, section: says, task } = words.value;
  const [isRenaming, setRenaming] = useState(false);
  const section = get("section", id);
  if (!section) return null;
  // When it is opened: the index changes with every task.
  const items = (): MenuItem[] => {
    const found = index();
    const siblings = found ? sectionsOf(found, section.list_id) : [];
    const at = siblings.findIndex((each) => each.id === id);
    const [before, after] = [siblings[at - 1], siblings[at + 1]];
    return [
      { label: common.edit, icon: Pencil, choose: () => setRenaming(true) },
      ...(before
        ? [{ label: task.moveUp, choose: () => void act({ op: "move", kind: "section", id, to: { before: before.id } }) }]
        : []),
      ...(after
        ? [{ label: task.moveDown, choose: () => void act({ op: "move", kind: "section", id, to: { after: after.id } }) }]
        : []),
      {
        label: common.delete,
        icon: Trash2,
        danger: true,
        apart: true,
        choose: () => void act({ op: "delete", kind: "section", id }, says.deleted),
      },
    ];
  };
  return (
    <>
      <MenuButton label={`${common.more}: ${section.name}`} icon={Ellipsis} items={items} />
      {isRenaming && <SectionDialog list={section.list_id} section={section} onClose={() => setRenaming(false)} />}
    </>
  );
}

export function SectionDialog({ list, section, onClose }: { list: Id; section?: Section; onClose: () => void }) {
  const { common, section: says, bar } = words.value;
  const [name, setName] = useState(section?.name ?? "");
  const save = () => {
    const named = name.trim();
    if (!named) return;
    onClose();
    if (section) act({ op: "update", kind: "section", id: section.id, section: { name: named } });
    else act({ op: "create", kind: "section", id: newId(), section: { list_id: list, name: named } });
  };
  return (
    <Dialog title={section ? says.edit : says.add} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field
          label={bar.name}
          name="name"
          value={name}
          maxLength={100}
          required
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <div class="dialog-actions">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="primary" type="submit">
            {common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
