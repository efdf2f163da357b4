import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { status } from "../app/store.ts";
import { OnDemand } from "../parts/on_demand.tsx";

export const logInOpen = signal(false);

const loadDialog = async () => (await import("./ended_dialog.tsx")).EndedDialog;

/** The session has ended: the log-in over the tasks, which stay as they are. Whoever writes at that moment is not interrupted. */
export function EndedSession() {
  const { state } = status.value;
  // It comes once: what is tried meanwhile is refused again, and only after a log-in can another one end.
  const hasCome = useRef(false);
  useEffect(() => {
    if (state === "live") hasCome.current = logInOpen.value = false;
    if (state !== "logged-out" || hasCome.current) return;
    hasCome.current = true;
    const writing = document.activeElement?.matches("input, textarea, [contenteditable=true]") ?? false;
    logInOpen.value = !writing;
  }, [state]);
  return logInOpen.value ? <OnDemand load={loadDialog} props={{}} /> : null;
}
