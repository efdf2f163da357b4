import { Flag, Inbox, Rows3, Tag } from "lucide";
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

export interface Where {
  list_id: Id | null;
  section_id: Id | null;
}

/** Where tasks can be moved to: the inbox, each list, and each section of one. A name that there is not becomes a list. */
export function ListPicker({
  anchor,
  chosen,
  onChoose,
  onCreate,
  onClose,
}: {
  anchor: HTMLElement;
  /** Where it is now; of many that is nowhere. */
  chosen?: Where;
  onChoose: (to: Where) => void;
  /** Absent: the list is made, and chosen. */
  onCreate?: (name: string) => void;
  onClose: () => void;
}) {
  const isHere = (list_id: Id | null, section_id: Id | null) => chosen?.list_id === list_id && chosen.section_id === section_id;
  const { task: says, views } = words.value;
  const lists = inPlace(all("list").values()).filter(({ is_archived }) => !is_archived);
  const sections = Map.groupBy(inPlace(all("section").values()), ({ list_id }) => list_id);
  const options: Option[] = [
    { id: INBOX, label: views.inbox.name, icon: Inbox, chosen: isHere(null, null) },
    ...lists.flatMap(({ id, name, color }) =>
      [{ id, label: name, color, chosen: isHere(id, null) } as Option].concat(
        (sections.get(id) ?? []).map((section) => ({
          id: section.id,
          label: section.name,
          icon: Rows3,
          hint: name,
          chosen: isHere(id, section.id),
        })),
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
        if (onCreate) return onCreate(name);
        const id = newId();
        act({ op: "create", kind: "list", id, list: { name } });
        onChoose({ list_id: id, section_id: null });
      }}
    />
  );
}

/** A tag by its name: one that is there, or a new one. With `chosen`, several, one after the other. */
export function TagPicker({
  anchor,
  chosen,
  onChoose,
  onClose,
}: {
  anchor: HTMLElement;
  chosen?: readonly string[];
  onChoose: (name: string) => void;
  onClose: () => void;
}) {
  const tags = inPlace(all("tag").values());
  return (
    <Picker
      anchor={anchor}
      label={words.value.bulk.tag}
      many={chosen !== undefined}
      options={tags.map(({ id, name }) => ({ id, label: name, icon: Tag, chosen: chosen?.includes(name) ?? false }))}
      create={words.value.bar.newTag}
      onClose={onClose}
      onChoose={(id) => onChoose(all("tag").get(id)?.name ?? "")}
      onCreate={onChoose}
    />
  );
}

export function PriorityMenu({
  anchor,
  chosen,
  onChoose,
  onClose,
}: {
  anchor: HTMLElement;
  chosen?: Priority;
  onChoose: (priority: Priority) => void;
  onClose: () => void;
}) {
  const says = words.value.task;
  const items = PRIORITIES.map((priority) => ({
    label: says.priorities[priority],
    icon: Flag,
    look: priority,
    checked: chosen && chosen === priority,
    choose: () => onChoose(priority),
  }));
  return <Menu anchor={anchor} label={says.priority} items={items} onClose={onClose} />;
}
