/** Which subtasks and headings are folded away: a matter of this device. */

import { signal } from "@preact/signals";

const KEPT = "doable.folded";
const MOST = 500;

export const folded = signal<ReadonlySet<string>>(new Set(JSON.parse(localStorage.getItem(KEPT) ?? "[]")));

export function fold(key: string, isFolded = !folded.value.has(key)): void {
  const next = new Set(folded.value);
  if (isFolded) next.add(key);
  else next.delete(key);
  folded.value = next;
  localStorage.setItem(KEPT, JSON.stringify([...next].slice(-MOST)));
}
