import "./quick.css";
import { useState } from "preact/hooks";
import { openTask } from "../app/place.ts";
import { Dialog } from "../parts/dialog.tsx";
import { words } from "../words/words.ts";
import { placeHere } from "./here.ts";
import { quickAddOpen } from "./quick_add.tsx";
import { QuickForm } from "./quick_form.tsx";

/** The line near the top, over whatever is shown. */
export function QuickDialog() {
  // Where it was opened counts, and not where a task that is added leads to.
  const [adds] = useState(placeHere);
  const close = () => (quickAddOpen.value = false);
  return (
    <Dialog title={words.value.common.addTask} class="quick-add" onClose={close}>
      <QuickForm
        adds={adds}
        onOpen={(id) => {
          close();
          openTask(id);
        }}
      />
    </Dialog>
  );
}
