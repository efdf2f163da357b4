/** Where a task can be. */

import { Inbox } from "lucide";
import { all } from "../app/store.ts";
import type { Option } from "../parts/picker.tsx";
import type { Id } from "../../sync/things.ts";
import { words } from "../words/words.ts";

/** The inbox, and each list that is not archived, followed by its sections. An id is `list/section`. */
export function places(hereList: Id | null, hereSection: Id | null): Option[] {
  const byPosition = (a: { position: string }, b: { position: string }) => (a.position < b.position ? -1 : 1);
  const isHere = (list: Id | null, section: Id | null) => list === hereList && section === hereSection;
  const sections = [...all("section").values()].toSorted(byPosition);
  const lists = [...all("list").values()].filter((list) => !list.is_archived || list.id === hereList).toSorted(byPosition);
  const options: Option[] = [{ id: "", label: words.value.detail.inbox, icon: Inbox, chosen: isHere(null, null) }];
  for (const { id, name, color } of lists) {
    options.push({ id, label: name, color, chosen: isHere(id, null) });
    for (const section of sections) {
      if (section.list_id !== id) continue;
      options.push({ id: `${id}/${section.id}`, label: `${name} / ${section.name}`, color, chosen: isHere(id, section.id) });
    }
  }
  return options;
}
