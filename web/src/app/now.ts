/** The present minute, as a signal: what is overdue becomes so while one looks, and at midnight it is another day. */

import { signal } from "@preact/signals";

export const now = signal(Temporal.Now.instant());

const MINUTE = 60_000;

function tick(): void {
  now.value = Temporal.Now.instant();
  setTimeout(tick, MINUTE - (now.value.epochMilliseconds % MINUTE));
}

tick();
// A device that slept, or a tab that was not drawn, may be late.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) now.value = Temporal.Now.instant();
});
