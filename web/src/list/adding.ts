/** The line of a list in which tasks are added at present. */

import { signal } from "@preact/signals";

/** As list.css has the closed one. */
export const ADD_LINE = 44;

/**
 * The key of the line that is open, and how high it is, since other lines stand below it. Null: none is. It takes the focus once,
 * and not again when it is scrolled out of the document and back.
 */
export const adding = signal<{ key: string; height: number; takesFocus: boolean } | null>(null);

export const loadQuickLine = async () => (await import("../quick/quick_line.tsx")).QuickLine;
