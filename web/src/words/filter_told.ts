/** What is wrong with the text of a filter, in words. Loaded with what reads filters. */

import type { FilterInvalid } from "../../tasks/filter_invalid.ts";
import { filter as de } from "./de/filter.ts";
import { filter as en } from "./en/filter.ts";
import type { Language } from "./words.ts";

export function toldOf({ expected }: FilterInvalid, language: Language): string {
  const says = { en, de }[language];
  switch (expected.what) {
    case "condition": {
      const { instead } = expected;
      if (!instead) return says.condition;
      if (instead.how === "search") return says.search(instead.text);
      return { "one is enough": says.oneIsEnough, "did you mean": says.didYouMean, write: says.write }[instead.how](instead.text);
    }
    case "sign": {
      const { inPlaceOf, name, hint } = expected;
      const told = inPlaceOf ? says.inPlaceOf[inPlaceOf] : says.sign;
      return name ? `${told} ${says.hasThis(name)}` : hint ? `${told} ${says.hasSign}` : told;
    }
    case "name":
      return expected.hint ? `${says.name[expected.sign]} ${says.hasThis(expected.sign)}` : says.name[expected.sign];
    case "quoted name":
      return says.quotedName(expected.sign);
    default:
      return says.expected[expected.what];
  }
}
