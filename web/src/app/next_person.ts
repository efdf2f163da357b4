/** What somebody has left on the screen is not for the next person at this device. */

import { effect, untracked } from "@preact/signals";
import { menuOf, asked } from "../list/asked.ts";
import { editing } from "../list/doing.ts";
import { selectNone } from "../list/selecting.ts";
import { EMPTY, quickAddOpen, typed } from "../quick/quick_add.tsx";
import { forgetActs } from "./acting.ts";
import { person } from "./session.ts";

let last = person.peek()?.id;

// Not when a session ends: it is the same person who goes on.
effect(() => {
  const id = person.value?.id;
  if (last !== undefined && id !== last) untracked(clear);
  last = id;
});

function clear(): void {
  forgetActs();
  selectNone();
  asked.value = null;
  menuOf.value = null;
  editing.value = null;
  quickAddOpen.value = false;
  typed.value = EMPTY;
}
