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

// Not with the first picture, and there before the first key is pressed in it.
for (const sign of ["pointermove", "pointerdown", "keydown"]) {
  addEventListener(sign, () => void loadDialog().catch(() => undefined), { once: true, passive: true });
}

/** A line that becomes a task, over whatever is shown. */
export function QuickAdd() {
  return <OnDemand load={loadDialog} props={{}} />;
}
