/** Keys that work anywhere, in one table that `?` shows. A view adds its own while it is there. */

import { useLayoutEffect, useRef } from "preact/hooks";

export interface Key {
  /** As `event.key` has it, with `mod+` for Ctrl or ⌘, `shift+` and `alt+`. */
  keys: string;
  /** What it does, in the person's language. Absent: it is not listed. */
  does?: () => string;
  group?: "go" | "do" | "task";
  /** Whether it works while something is being written. */
  inFields?: boolean;
  press: (event: KeyboardEvent) => void;
}

const MOVES = /(^|\+)(arrow\w+|j|k)$/;

const registered: (() => readonly Key[])[] = [];

/** All that work at present. */
export const keysNow = (): readonly Key[] => registered.flatMap((keys) => keys());

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** These keys work while the component is there. The last one that was added comes first. */
export function useKeys(keys: () => readonly Key[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  // Not an effect: that comes after the picture, and a key may come before it.
  useLayoutEffect(() => {
    const ours = () => latest.current();
    registered.push(ours);
    return () => {
      registered.splice(registered.indexOf(ours), 1);
    };
  }, []);
}

/** As people write it: ⌘K or Ctrl+K. */
export function shown(keys: string): string {
  const signs: Record<string, string> = isApple
    ? { mod: "⌘", alt: "⌥", shift: "⇧" }
    : { mod: "Ctrl", alt: "Alt", shift: "⇧" };
  const others: Record<string, string> = {
    arrowup: "↑", arrowdown: "↓", arrowleft: "←", arrowright: "→", enter: "⏎", escape: "Esc", space: "␣", delete: "Del",
  };
  const named = keys.split("+").map((part) => signs[part] ?? others[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return named.join(isApple ? "" : "+");
}

export function nameOf(event: KeyboardEvent): string {
  const mod = isApple ? event.metaKey : event.ctrlKey;
  const name = event.key === " " ? "space" : event.key.toLowerCase();
  // A shifted sign such as `?` is its own name; a shifted letter or arrow is not.
  const shift = event.shiftKey && (name.length > 1 || /[a-z]/.test(name));
  return [mod && "mod", event.altKey && "alt", shift && "shift", name].filter(Boolean).join("+");
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target as HTMLElement;
  const writes = target.isContentEditable || target.matches?.("input:not([type=checkbox],[type=radio]), textarea, select");
  const inDialog = target.closest?.("dialog, [popover]") !== null;
  const name = nameOf(event);
  // A button that has the focus is pressed by these.
  if ((name === "enter" || name === "space") && target.closest?.("a, button, summary")) return;
  const found = registered
    .toReversed()
    .flatMap((keys) => keys())
    .find((key) => key.keys === name && (key.inFields || !(writes || inDialog)));
  if (!found) return;
  event.preventDefault();
  // Held down, only what moves goes on: whoever leans on Delete loses one task.
  if (!event.repeat || MOVES.test(name)) found.press(event);
});
