import { LONGEST_TITLE } from "../app/limits.ts";
import { toggle } from "../list/doing.ts";
import { Check } from "../parts/check.tsx";
import { Growing } from "../parts/growing.tsx";
import type { Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import type { Writing } from "./writing.ts";

/** The check of a task, and its title to be written in: one line, however long. `enterkeyhint`: what Enter does to it. */
export function TitleField({
  task,
  writing,
  enterkeyhint,
  onKeyDown,
}: {
  task: Task;
  writing: Writing;
  enterkeyhint: "done" | "enter";
  onKeyDown: (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => void;
}) {
  const says = words.value.task;
  return (
    <>
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
        enterkeyhint={enterkeyhint}
        onInput={(event) => writing.write(event.currentTarget.value.replaceAll(/\s*\n\s*/g, " "))}
        onBlur={writing.finish}
        onKeyDown={onKeyDown}
      />
    </>
  );
}
