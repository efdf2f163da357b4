import "./list.css";
import { act } from "../app/acting.ts";
import { useKeys } from "../app/keys.ts";
import { openTask, place } from "../app/place.ts";
import { Check } from "../parts/check.tsx";
import { Windowed } from "../parts/windowed.tsx";
import type { Task } from "../../sync/things.ts";
import { words } from "../words/words.ts";

/** Tasks from top to bottom. Of thousands only those are in the document that are on the screen. */
export function TaskList({ tasks }: { tasks: readonly Task[] }) {
  const now = place.value;
  const open = now.area === "tasks" ? now.task : null;
  const at = tasks.findIndex((task) => task.id === open);
  const step = (by: number) => {
    const next = tasks[Math.max(0, Math.min(tasks.length - 1, at + by))];
    if (next) openTask(next.id);
  };
  useKeys(() => [
    { keys: "j", press: () => step(1) },
    { keys: "k", press: () => step(-1) },
  ]);
  return (
    <Windowed
      items={tasks}
      heightOf={rowHeight}
      keyOf={(task) => task.id}
      label={words.value.task.list}
      row={(task, style) => <Row task={task} selected={task.id === open} style={style} />}
    />
  );
}

function Row({ task, selected, style }: { task: Task; selected: boolean; style: Record<string, string> }) {
  const { complete, reopen, completed, reopened } = words.value.task;
  return (
    <div class={`row ${task.is_completed ? "completed" : ""}`} role="row" aria-selected={selected} style={style}>
      <Check
        priority={task.priority}
        completed={task.is_completed}
        cancelled={task.is_cancelled}
        label={(task.is_completed ? reopen : complete).replace("#", task.title)}
        onToggle={() =>
          task.is_completed
            ? act({ op: "reopen", kind: "task", id: task.id }, reopened)
            : act({ op: "complete", kind: "task", id: task.id }, completed)
        }
      />
      <button type="button" class="title" onClick={() => openTask(task.id)}>
        {task.title}
      </button>
    </div>
  );
}

/** As the tokens have it: more for a finger than for a pointer. */
function rowHeight(): number {
  return matchMedia("(pointer: coarse)").matches ? 48 : 40;
}
