import { act } from "../app/acting.ts";
import type { Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { Theirs } from "./theirs.tsx";
import { TitleField } from "./title_field.tsx";
import { useWriting } from "./writing.ts";

/** The title that is edited where it stands, with the check before it. Enter ends it: it is one line, however long. */
export function Title({ task }: { task: Task }) {
  const writing = useWriting(task.title, (text, replaces) => keepTitle(task, text, replaces));
  return (
    <>
      <div class="detail-title">
        <TitleField
          task={task}
          writing={writing}
          enterkeyhint="done"
          onKeyDown={(event) => {
            if ((event.key !== "Enter" && event.key !== "Escape") || event.isComposing) return;
            event.preventDefault();
            event.stopPropagation();
            event.currentTarget.closest<HTMLElement>(".detail")?.focus();
          }}
        />
      </div>
      <Theirs writing={writing} />
    </>
  );
}

/** A title of nothing is none: the one that is there stays. */
export function keepTitle(task: Task, text: string, replaces: boolean): string {
  const title = text.trim();
  if (!title || title === task.title) return task.title;
  act({ op: "update", kind: "task", id: task.id, task: { title } }, replaces ? words.value.detail.replaced : undefined);
  return title;
}
