import { present } from "../app/present.ts";
import { sayInstant } from "../detail/saying.ts";
import { localeOf } from "./dates.ts";
import { language, words } from "./words.ts";

/** An instant by the person's clock: "Yesterday 15:42", "Thu 26 Nov 15:42". */
export function instant(at: string): string {
  return sayInstant(at, { says: words.value, language: language.value, now: present() });
}

export function dayOf(at: string): string {
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(present().timeZoneId);
  return there.toPlainDate().toLocaleString(localeOf(language.value), { dateStyle: "medium" });
}
