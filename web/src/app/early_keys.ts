/**
 * Keys that are pressed before the account's screen is there to take them. The last one is pressed again once it is; after `q` all
 * are, since they are the words of a task: whoever opens Doable with a hand on it adds one.
 */

import { person } from "./session.ts";

let early: KeyboardEvent[] = [];

function note(event: KeyboardEvent): void {
  const { key, target } = event;
  if (!person.peek() || event.isComposing || event.altKey || key.length !== 1 || (target as Element).matches?.("input, textarea, select")) return;
  const hasMod = event.ctrlKey || event.metaKey;
  // Of the keys with Ctrl or ⌘ this one is ours; the others are the browser's.
  if (hasMod && key.toLowerCase() !== "k") return;
  if (hasMod) event.preventDefault();
  if (early[0]?.key !== "q") early = [];
  early.push(event);
}

addEventListener("keydown", note);

/** To be called when keys are taken; from then on none is early. */
export function pressEarlyKeys(): void {
  removeEventListener("keydown", note);
  for (const event of early) document.body.dispatchEvent(new KeyboardEvent("keydown", event));
  early = [];
}
