import { act } from "../app/acting.ts";
import { go, place, to } from "../app/place.ts";
import { all } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import type { List } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";

/** What becomes of the tasks of a list is asked before it is deleted; where it has none, nothing is. */
export function DeleteList({ list, onClose }: { list: List; onClose: () => void }) {
  const says = words.value.bar;
  const open = [...all("task").values()].filter((task) => task.list_id === list.id && !task.is_completed).length;
  const remove = (tasks: "inbox" | "delete") => {
    onClose();
    deleteList(list, tasks);
  };
  return (
    <Dialog title={says.deleteList.replace("#", list.name)} onClose={onClose}>
      <p>{counted(language.value, open, says.hasTasks)}</p>
      <div class="dialog-actions">
        <Button onClick={onClose}>{words.value.common.cancel}</Button>
        <Button onClick={() => remove("inbox")}>{says.tasksToInbox}</Button>
        <Button look="danger" onClick={() => remove("delete")}>
          {says.tasksToo}
        </Button>
      </div>
    </Dialog>
  );
}

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
