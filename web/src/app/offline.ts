/** Whether the server cannot be reached: not for the moment in which it was not asked yet, so that nothing appears and goes again. */

import { computed, effect, signal } from "@preact/signals";
import { status } from "./store.ts";

const PATIENCE_MS = 1500;

export const isOffline = signal(false);

// By itself, so that another change of the status does not begin it anew.
const isOut = computed(() => status.value.state === "offline");
effect(() => {
  if (!isOut.value) {
    isOffline.value = false;
    return undefined;
  }
  const timer = setTimeout(() => (isOffline.value = true), navigator.onLine ? PATIENCE_MS : 0);
  return () => clearTimeout(timer);
});
