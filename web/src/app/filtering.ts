/** What reads saved filters is loaded when there is one. */

import { effect, signal } from "@preact/signals";
import { all } from "./store.ts";

type Filtered = typeof import("../../tasks/filtered.ts");

export const filtering = signal<Filtered | null>(null);

let isLoading = false;

effect(() => {
  if (all("filter").size === 0 || isLoading) return;
  isLoading = true;
  import("../../tasks/filtered.ts").then(
    (found) => {
      filtering.value = found;
    },
    () => {
      isLoading = false; // offline, and never loaded: it is tried again when filters change
    },
  );
});
