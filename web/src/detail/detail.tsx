import { X } from "lucide";
import { act } from "../app/acting.ts";
import { openTask } from "../app/place.ts";
import { get } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { words } from "../words/words.ts";

/** Everything of one task, beside the list; on a narrow screen as a sheet over it. */
export function Detail({ id }: { id: string }) {
  const { common, task: says } = words.value;
  const task = get("task", id);
  if (!task) return null;
  return (
    <aside class="detail" aria-label={says.detail}>
      <IconButton label={common.close} icon={X} onClick={() => openTask(null)} />
      <input
        class="input"
        aria-label={says.title}
        value={task.title}
        onChange={(event) => {
          const title = event.currentTarget.value.trim();
          if (title && title !== task.title) act({ op: "update", kind: "task", id, task: { title } });
        }}
      />
    </aside>
  );
}
