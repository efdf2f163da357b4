import { quickAddOpen, quickAddTo } from "../quick/quick_add.tsx";
import type { Adds } from "./lines.ts";

/** Opens the line in which a task is added, to be filed there. */
export function addTo(place: Adds): void {
  quickAddTo.value = place;
  quickAddOpen.value = true;
}
