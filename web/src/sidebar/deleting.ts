import { act } from "../app/acting.ts";
import { go, place, to } from "../app/place.ts";
import type { List } from "../../sync/things.ts";
import { words } from "../words/words.ts";

export function deleteList(list: List, tasks: "inbox" | "delete"): void {
  act({ op: "delete", kind: "list", id: list.id, tasks }, words.value.bar.deleted.replace("#", list.name));
  leave(list.id);
}

export function deleteThing(kind: "tag" | "filter", thing: { id: string; name: string }): void {
  act({ op: "delete", kind, id: thing.id }, words.value.bar.deleted.replace("#", thing.name));
  leave(thing.id);
}

/** What is no more is not shown either. */
function leave(id: string): void {
  const now = place.value;
  if (now.area === "tasks" && "id" in now && now.id === id) go(to({ view: "inbox" }), { replace: true });
}
