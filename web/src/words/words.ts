/** All text of the screen. English comes with the first load, other languages when they are wanted. */

import { effect, signal } from "@preact/signals";
import { preferences } from "../app/store.ts";
import { en } from "./en/en.ts";

/** Every other language has the same members; the compiler sees to it. */
export type Words = typeof en;
export type Language = "en" | "de";

const OTHERS: Record<Exclude<Language, "en">, () => Promise<Words>> = {
  de: async () => (await import("./de/de.ts")).de,
};

export const words = signal<Words>(en);
/** The language of the words that are shown, for Intl and `lang`. */
export const language = signal<Language>("en");

/** Follows the preferences. Resolves when the first language is there, so that nothing is drawn twice. */
export function followLanguage(): Promise<void> {
  return new Promise((resolve) => {
    effect(() => {
      const wanted = preferences.value.language;
      void load(wanted).then((found) => {
        if (preferences.value.language === wanted) show(wanted, found);
        resolve();
      });
    });
  });
}

async function load(wanted: Language): Promise<Words> {
  try {
    return wanted === "en" ? en : await OTHERS[wanted]();
  } catch {
    return words.value; // offline, and this language was never loaded
  }
}

function show(wanted: Language, found: Words): void {
  words.value = found;
  language.value = wanted;
  document.documentElement.lang = wanted;
}
