import { X } from "lucide";
import { useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "../parts/button.tsx";
import { words } from "../words/words.ts";
import { announcement, dismiss, toasts, undo } from "./acting.ts";

/** What happened, in one corner, with its way back; and the same for those who do not see it. */
export function Toasts() {
  const common = words.value.common;
  const shown = toasts.value;
  const hadFocus = useRef(false);
  useLayoutEffect(() => {
    // Its buttons are gone, and the focus with them: it goes back to the tasks.
    if (hadFocus.current && document.activeElement === document.body) {
      const line = document.querySelector<HTMLElement>("[data-key][tabindex='0']");
      (line ?? document.getElementById("tasks"))?.focus({ preventScroll: true });
    }
    hadFocus.current = false;
  }, [shown]);
  return (
    <>
      <div class="toasts" role="status" onFocusIn={() => (hadFocus.current = true)} onFocusOut={({ relatedTarget }) => (hadFocus.current = !relatedTarget)}>
        {shown.map(({ id, text, act }) => (
          <div class="toast" key={id}>
            <span>{text}</span>
            {act && (
              <button type="button" onClick={() => undo(act)}>
                {common.undo}
              </button>
            )}
            <IconButton label={common.close} icon={X} size={16} onClick={() => dismiss(id)} />
          </div>
        ))}
      </div>
      <div class="visually-hidden" role="status">
        {announcement.value}
      </div>
    </>
  );
}
