import { preferences } from "../app/store.ts";
import { language } from "../words/words.ts";

/** An instant by the person's clock: "26 Nov 2026, 15:42". */
export function instant(at: string): string {
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(preferences.value.timezone);
  return there.toPlainDateTime().toLocaleString(language.value, { dateStyle: "medium", timeStyle: "short" });
}

export function dayOf(at: string): string {
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(preferences.value.timezone);
  return there.toPlainDate().toLocaleString(language.value, { dateStyle: "medium" });
}
