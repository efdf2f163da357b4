import { knownZone } from "../../sync/dates.ts";
import { now } from "./now.ts";
import { preferences } from "./store.ts";

/** The present minute by the person's clock: dates float in the time zone of the preferences. */
export function present(): Temporal.ZonedDateTime {
  return now.value.toZonedDateTimeISO(knownZone(preferences.value.timezone));
}
