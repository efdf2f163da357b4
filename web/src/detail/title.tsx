import { act } from "../app/acting.ts";
import { LONGEST_TITLE } from "../app/limits.ts";
import { Growing } from "../parts/growing.tsx";
import type { Task } from "../../sync/things.ts";
import { toggle } from "../list/doing.ts";
import { words } from "../words/words.ts";
import { Check } from "../parts/check.tsx";
import { Theirs } from "./theirs.tsx";
import { useWriting } from "./writing.ts";

/** The title that is edited where it stands, with the check before it. Enter ends it: it is one line, however long. */
export function Title({ task }: { task: Task }) {
  const { task: says } = words.value;
  const writing = useWriting(task.title, (text, replaces) => keepTitle(task, text, replaces));
  return (
    <>
      <div class="detail-title">
        <Check
          priority={task.priority}
          completed={task.is_completed}
          cancelled={task.is_cancelled}
          label={(task.is_completed ? says.reopen : says.complete).replace("#", task.title)}
          focusable
          onToggle={() => toggle(task)}
        />
        <Growing
          class={task.is_completed ? "completed" : ""}
          aria-label={says.title}
          value={writing.text}
          maxLength={LONGEST_TITLE}
          enterkeyhint="done"
          onInput={(event) => writing.write(event.currentTarget.value.replaceAll(/\s*\n\s*/g, " "))}
          onBlur={writing.finish}
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
