import { computed } from "@preact/signals";
import { moving as movingDe } from "../words/de/moving.ts";
import { settings as de } from "../words/de/settings.ts";
import { moving as movingEn } from "../words/en/moving.ts";
import { settings as en } from "../words/en/settings.ts";
import { language } from "../words/words.ts";

/** The words of the settings, which are loaded with them in each language. */
export const says = computed(() => ({ en, de })[language.value]);

/** The words of moving in and out. */
export const saysMoving = computed(() => ({ en: movingEn, de: movingDe })[language.value]);
