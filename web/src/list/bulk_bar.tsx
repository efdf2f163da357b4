import { Calendar, CheckCheck, Flag, FolderInput, Tag, Trash2, X } from "lucide";
import { useKeys } from "../app/keys.ts";
import { IconButton } from "../parts/button.tsx";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { asked, type Asked, toAll } from "./asked.ts";
import { selectedTasks, selectNone } from "./selecting.ts";

/** What can be done with everything that is selected. */
export function BulkBar() {
  const tasks = selectedTasks.value;
  const { bulk, common, task: says } = words.value;
  useKeys(() => [{ keys: "escape", press: selectNone }]);
  const ask = (what: Asked["what"]) => (event: MouseEvent & { currentTarget: HTMLElement }) => {
    asked.value = { what, tasks, anchor: event.currentTarget };
  };
  return (
    <div class="bulk-bar" role="toolbar" aria-label={bulk.name}>
      <IconButton label={common.cancel} icon={X} onClick={selectNone} />
      <span role="status">{counted(language.value, tasks.length, bulk.selected)}</span>
      <IconButton
        label={bulk.complete}
        icon={CheckCheck}
        onClick={() => toAll(tasks, ({ id }) => ({ op: "complete", kind: "task", id }), bulk.completed)}
      />
      <IconButton label={says.date} icon={Calendar} aria-haspopup="dialog" onClick={ask("date")} />
      <IconButton label={says.moveTo} icon={FolderInput} aria-haspopup="dialog" onClick={ask("list")} />
      <IconButton label={says.priority} icon={Flag} aria-haspopup="menu" onClick={ask("priority")} />
      <IconButton label={bulk.tag} icon={Tag} aria-haspopup="dialog" onClick={ask("tag")} />
      <IconButton
        label={common.delete}
        icon={Trash2}
        onClick={() => toAll(tasks, ({ id }) => ({ op: "delete", kind: "task", id }), bulk.deleted)}
      />
    </div>
  );
}
