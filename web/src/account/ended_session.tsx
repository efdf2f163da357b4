import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { BASE } from "../app/server.ts";
import { status } from "../app/store.ts";
import { Dialog } from "../parts/dialog.tsx";
import { words } from "../words/words.ts";
import { LogInForm } from "./log_in.tsx";

export const logInOpen = signal(false);

/** The session has ended: the log-in over the tasks, which stay as they are. Whoever writes at that moment is not interrupted. */
export function EndedSession() {
  const says = words.value.account.ended;
  const isOut = status.value.state === "logged-out";
  useEffect(() => {
    const writing = document.activeElement?.matches("input, textarea, [contenteditable=true]") ?? false;
    logInOpen.value = isOut && !writing;
  }, [isOut]);
  if (!isOut || !logInOpen.value) return null;
  const close = () => {
    logInOpen.value = false;
  };
  return (
    <Dialog title={says.title} onClose={close}>
      <p class="dialog-text">{says.text}</p>
      <LogInForm onCancel={close} />
      <p class="dialog-below">
        <a href={`${BASE}/account/reset-password`}>{words.value.account.forgotten}</a>
      </p>
    </Dialog>
  );
}
