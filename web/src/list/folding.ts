/** Which subtasks and headings are folded away: a matter of this device. */

import { signal } from "@preact/signals";
import { keep, keptTexts } from "../app/kept.ts";

const KEPT = "doable.folded";
const MOST = 500;

export const folded = signal<ReadonlySet<string>>(new Set(keptTexts(KEPT)));

export function fold(key: string, isFolded = !folded.value.has(key)): void {
  const next = new Set(folded.value);
  if (isFolded) next.add(key);
  else next.delete(key);
  folded.value = next;
  keep(KEPT, [...next].slice(-MOST));
}
