import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { status } from "../app/store.ts";
import { OnDemand } from "../parts/on_demand.tsx";

export const logInOpen = signal(false);

const loadDialog = async () => (await import("./ended_dialog.tsx")).EndedDialog;

/** The session has ended: the log-in over the tasks, which stay as they are. Whoever writes at that moment is not interrupted. */
export function EndedSession() {
  const isOut = status.value.state === "logged-out";
  useEffect(() => {
    const writing = document.activeElement?.matches("input, textarea, [contenteditable=true]") ?? false;
    logInOpen.value = isOut && !writing;
  }, [isOut]);
  return isOut && logInOpen.value ? <OnDemand load={loadDialog} props={{}} /> : null;
}
