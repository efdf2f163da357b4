/** The present minute, as a signal: what is overdue becomes so while one looks, and at midnight it is another day. */

import { computed, signal } from "@preact/signals";

const ticks = signal(0);

/** Read when it is first asked for: where Temporal has to be loaded, it is not there yet when this module is run. */
export const now = computed(() => {
  void ticks.value;
  return Temporal.Now.instant();
});

const MINUTE = 60_000;

function tick(): void {
  ticks.value += 1;
  setTimeout(tick, MINUTE - (Date.now() % MINUTE));
}

tick();
// A device that slept, or a tab that was not drawn, may be late.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ticks.value += 1;
});
