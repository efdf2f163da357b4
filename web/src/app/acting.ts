/** What a person does: at once on the screen, and with a way back. */

import { computed, effect, signal, untracked } from "@preact/signals";
import type { Act } from "../../sync/client.ts";
import type { Operation } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { offerPush } from "./push.ts";
import { noteLast, takeLast } from "./last_acts.ts";
import { client, status } from "./store.ts";

interface Toast {
  id: number;
  text: string;
  /** The act that its button takes back. */
  act?: string | undefined;
}

/** What toasts say; they are read out as well. */
export const toasts = signal<readonly Toast[]>([]);
/** What is read out and not shown, such as where a task was moved to. */
export const announcement = signal("");

const SECONDS = 8;
const done: string[] = [];
let count = 0;

/** Does it. With `said` a toast says what was done, with a button that takes it back. */
export function act(operations: Operation | readonly Operation[], said?: string): Act | undefined {
  const list = Array.isArray(operations) ? operations : [operations];
  if (list.length === 0) return undefined;
  if (client.value) noteLast(client.value, list);
  const made = client.value?.act(...list);
  if (!made) return undefined;
  done.push(made.key);
  offerPush(list);
  if (said) toast(said, made.key);
  return made;
}

/** Does what the page did not get to when it was closed the last time. */
export function followLastActs(): void {
  const ready = computed(() => (status.value.state === "loading" ? null : client.value));
  effect(() => {
    const open = ready.value;
    if (!open) return;
    const { operations, replaces } = takeLast(open);
    untracked(() => act(operations, replaces ? words.value.detail.replaced : undefined));
  });
}

/** Takes back the last act, or this one. */
export function undo(key: string | undefined = done.at(-1)): void {
  if (key === undefined) return;
  const at = done.lastIndexOf(key);
  if (at >= 0) done.splice(at, 1);
  toasts.value = toasts.value.filter((each) => each.act !== key);
  toast(client.value?.undo(key) ? words.value.common.undone : words.value.common.cannotUndo);
}

export function toast(text: string, undoes?: string): void {
  const id = ++count;
  // One at a time: the last act is the one that a person wants back.
  toasts.value = [{ id, text, act: undoes }];
  setTimeout(() => dismiss(id), 1000 * SECONDS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** Nothing can be taken back any more, and nothing is said. */
export function forgetActs(): void {
  done.length = 0;
  toasts.value = [];
  announcement.value = "";
}

export function announce(text: string): void {
  announcement.value = text;
}
