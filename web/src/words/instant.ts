import { present } from "../app/present.ts";
import { language } from "./words.ts";

/** An instant by the person's clock: "26 Nov 2026, 15:42". */
export function instant(at: string): string {
  return there(at).toPlainDateTime().toLocaleString(language.value, { dateStyle: "medium", timeStyle: "short" });
}

export function dayOf(at: string): string {
  return there(at).toPlainDate().toLocaleString(language.value, { dateStyle: "medium" });
}

function there(at: string): Temporal.ZonedDateTime {
  return Temporal.Instant.from(at).toZonedDateTimeISO(present().timeZoneId);
}
