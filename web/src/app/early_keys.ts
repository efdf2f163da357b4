/**
 * A key that is pressed before the account's screen is there to take it. The last one is pressed again once it is: whoever opens
 * Doable with a hand on `q` adds a task.
 */

import { person } from "./session.ts";

let last: KeyboardEvent | null = null;

function note(event: KeyboardEvent): void {
  const { key, target } = event;
  if (!person.peek() || event.isComposing || event.altKey || key.length !== 1 || (target as Element).matches?.("input, textarea, select")) return;
  const hasMod = event.ctrlKey || event.metaKey;
  // Of the keys with Ctrl or ⌘ this one is ours; the others are the browser's.
  if (hasMod && key.toLowerCase() !== "k") return;
  if (hasMod) event.preventDefault();
  last = event;
}

addEventListener("keydown", note);

/** To be called when keys are taken; from then on none is early. */
export function pressEarlyKey(): void {
  removeEventListener("keydown", note);
  const event = last;
  last = null;
  if (event) document.body.dispatchEvent(new KeyboardEvent("keydown", event));
}
