/** What reads saved filters, and says what is wrong with one, is loaded when it is first needed. */

import { effect, signal } from "@preact/signals";
import { whenIdle } from "./idle.ts";
import { all } from "./store.ts";

type Reading = typeof import("./filter_reading.ts");

export const filtering = signal<Reading | null>(null);

let isLoading = false;

export function loadFiltering(): void {
  if (isLoading) return;
  isLoading = true;
  import("./filter_reading.ts").then(
    (found) => {
      filtering.value = found;
    },
    () => {
      isLoading = false; // offline, and never loaded: it is tried again when filters change
    },
  );
}

// The rows come first: to count what each filter means, all tasks are looked at.
effect(() => {
  if (all("filter").size > 0) whenIdle(loadFiltering);
});
