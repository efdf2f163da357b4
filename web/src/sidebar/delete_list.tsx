import { all } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import type { List } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { deleteList } from "./deleting.ts";

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
