/** Saved filters, as the screen needs them. */

import { parseFilter } from "../../tasks/filter.ts";
import { FilterInvalid } from "../../tasks/filter_invalid.ts";
import { toldOf } from "../words/filter_told.ts";
import { language } from "../words/words.ts";

export { filtered, FilterCounts } from "../../tasks/filtered.ts";

/** What is wrong with the text of a filter, in words, and where; undefined if nothing is. */
export function wrongIn(text: string): { told: string; position: number } | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    if (error instanceof FilterInvalid) return { told: toldOf(error, language.value), position: error.position };
    throw error;
  }
}
