import { signal } from "@preact/signals";
import { keep, kept, tab } from "../app/kept.ts";
import { OnDemand } from "../parts/on_demand.tsx";
import type { Span } from "./masks.ts";

const TYPED = "doable.quick-add";
export const EMPTY = { text: "", masks: [] };

export const quickAddOpen = signal(false);
function typedBefore(): { text: string; masks: readonly Span[] } {
  const found = kept(TYPED, tab) as Partial<typeof EMPTY> | null;
  return typeof found?.text === "string" && Array.isArray(found.masks) ? { text: found.text, masks: found.masks } : EMPTY;
}

/** What was typed and not added: it is there the next time. */
export const typed = signal<{ text: string; masks: readonly Span[] }>(typedBefore());
addEventListener("pagehide", () => keep(TYPED, typed.value, tab));

const loadDialog = async () => (await import("./quick_dialog.tsx")).QuickDialog;

const openDialog = () =>
  loadDialog().catch((error: unknown) => {
    quickAddOpen.value = false;
    throw error;
  });

/** What is typed while the line is still being loaded is in it once it is there, and no key of the tasks below. */
function hold(event: KeyboardEvent): void {
  if (!quickAddOpen.peek() || document.querySelector("dialog[open]") || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { text } = typed.value;
  if (event.key === "Escape") quickAddOpen.value = false;
  else if (event.key === "Backspace") typed.value = { text: text.slice(0, -1), masks: [] };
  else if (event.key.length === 1) typed.value = { ...typed.value, text: text + event.key };
}

addEventListener("keydown", hold, { capture: true });

// Not with the first picture, and there before the first key is pressed in it.
for (const sign of ["pointermove", "pointerdown", "keydown"]) {
  addEventListener(sign, () => void loadDialog().catch(() => undefined), { once: true, passive: true });
}

/** A line that becomes a task, over whatever is shown. */
export function QuickAdd() {
  return <OnDemand load={openDialog} props={{}} />;
}
