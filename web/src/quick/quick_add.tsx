import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Adds } from "../list/lines.ts";
import { act } from "../app/acting.ts";
import { newId } from "../../sync/ids.ts";
import { place } from "../app/place.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { words } from "../words/words.ts";

export const quickAddOpen = signal(false);
/** With what the next task begins: where it was asked for. Null: where one is. */
export const quickAddTo = signal<Adds | null>(null);

/** A line that becomes a task. It stays open, so that several can be added one after the other. */
export function QuickAdd() {
  const { common, task } = words.value;
  const [text, setText] = useState("");
  const close = () => (quickAddOpen.value = false);
  const add = () => {
    const title = text.trim();
    if (!title) return;
    const now = place.value;
    const list_id = now.area === "tasks" && now.view === "list" ? now.id : null;
    act({ op: "create", kind: "task", id: newId(), task: { title, list_id } }, task.added);
    setText("");
  };
  return (
    <Dialog title={common.addTask} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <input
          class="input"
          aria-label={task.title}
          value={text}
          maxLength={500}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <div class="dialog-actions">
          <Button onClick={close}>{common.close}</Button>
          <Button look="primary" type="submit">
            {common.addTask}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
