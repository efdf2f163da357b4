import { computed } from "@preact/signals";
import { settings as de } from "../words/de/settings.ts";
import { settings as en } from "../words/en/settings.ts";
import { language } from "../words/words.ts";

/** The words of the settings, which are loaded with them in each language. */
export const says = computed(() => ({ en, de })[language.value]);
