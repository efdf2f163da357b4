import { Flag, Hash, Inbox, Rows3 } from "lucide";
import { all } from "../app/store.ts";
import { Menu } from "../parts/menu.tsx";
import { type Option, Picker } from "../parts/picker.tsx";
import { act } from "../app/acting.ts";
import { inPlace } from "../../tasks/views.ts";
import { newId } from "../../sync/ids.ts";
import type { Id, Priority } from "../../sync/things.ts";
import { words } from "../words/words.ts";

const PRIORITIES: readonly Priority[] = ["high", "medium", "low", "none"];
const INBOX = "inbox";

/** Where tasks can be moved to: the inbox, each list, and each section of one. A name that there is not becomes a list. */
export function ListPicker({
  anchor,
  onChoose,
  onClose,
}: {
  anchor: HTMLElement;
  onChoose: (to: { list_id: Id | null; section_id: Id | null }) => void;
  onClose: () => void;
}) {
  const { task: says, views } = words.value;
  const lists = inPlace(all("list").values()).filter(({ is_archived }) => !is_archived);
  const sections = Map.groupBy(inPlace(all("section").values()), ({ list_id }) => list_id);
  const options: Option[] = [
    { id: INBOX, label: views.inbox.name, icon: Inbox },
    ...lists.flatMap(({ id, name, color }) =>
      [{ id, label: name, color } as Option].concat(
        (sections.get(id) ?? []).map((section) => ({ id: section.id, label: section.name, icon: Rows3, hint: name })),
      ),
    ),
  ];
  return (
    <Picker
      anchor={anchor}
      label={says.moveTo}
      options={options}
      create={words.value.bar.newList}
      onClose={onClose}
      onChoose={(id) => {
        const section = all("section").get(id);
        if (section) onChoose({ list_id: section.list_id, section_id: id });
        else onChoose({ list_id: id === INBOX ? null : id, section_id: null });
      }}
      onCreate={(name) => {
        const id = newId();
        act({ op: "create", kind: "list", id, list: { name } });
        onChoose({ list_id: id, section_id: null });
      }}
    />
  );
}

/** A tag by its name: one that is there, or a new one. */
export function TagPicker({
  anchor,
  onChoose,
  onClose,
}: {
  anchor: HTMLElement;
  onChoose: (name: string) => void;
  onClose: () => void;
}) {
  const tags = inPlace(all("tag").values());
  return (
    <Picker
      anchor={anchor}
      label={words.value.bulk.tag}
      options={tags.map(({ id, name }) => ({ id, label: name, icon: Hash }))}
      create={words.value.bar.newTag}
      onClose={onClose}
      onChoose={(id) => onChoose(all("tag").get(id)?.name ?? "")}
      onCreate={onChoose}
    />
  );
}

export function PriorityMenu({
  anchor,
  onChoose,
  onClose,
}: {
  anchor: HTMLElement;
  onChoose: (priority: Priority) => void;
  onClose: () => void;
}) {
  const says = words.value.task;
  const items = PRIORITIES.map((priority) => ({
    label: says.priorities[priority],
    icon: Flag,
    choose: () => onChoose(priority),
  }));
  return <Menu anchor={anchor} label={says.priority} items={items} onClose={onClose} />;
}
