import { Globe } from "lucide";
import { useState } from "preact/hooks";
import { now } from "../app/now.ts";
import { preferences } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { type Option, Picker } from "../parts/picker.tsx";
import { localeOf } from "../words/dates.ts";
import { language } from "../words/words.ts";
import { prefer } from "./preferring.ts";
import { Row } from "./rows.tsx";
import { says } from "./says.ts";

/** The time zone, found by a part of its name. Somebody who has travelled can take that of the device. */
export function TimezoneRow() {
  const { name, hint, takeDevice } = says.value.timezone;
  const { timezone } = preferences.value;
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const device = Temporal.Now.timeZoneId();
  return (
    <Row label={name} hint={hint.replace("#", timeIn(timezone))}>
      <Button
        aria-label={`${name}: ${spoken(timezone)}`}
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {spoken(timezone)}
      </Button>
      {device !== timezone && (
        <Button look="quiet" onClick={() => prefer({ timezone: device })}>
          {takeDevice.replace("#", spoken(device))}
        </Button>
      )}
      {anchor && (
        <Picker
          anchor={anchor}
          label={name}
          options={options(timezone)}
          onChoose={(id) => prefer({ timezone: id })}
          onClose={() => setAnchor(null)}
        />
      )}
    </Row>
  );
}

function options(chosen: string): readonly Option[] {
  // Not every browser counts UTC among them, nor an older name that is in use.
  const names = new Set([...Intl.supportedValuesOf("timeZone"), "UTC", chosen]);
  return [...names].toSorted().map((id) => ({
    id,
    label: spoken(id),
    icon: Globe,
    hint: timeIn(id),
    chosen: id === chosen,
  }));
}

/** As people write it: "Europe/Berlin" stays, "America/New_York" has a space. */
const spoken = (name: string): string => name.replaceAll("_", " ");

function timeIn(timezone: string): string {
  return now.value.toZonedDateTimeISO(timezone).toPlainTime().toLocaleString(localeOf(language.value), { timeStyle: "short" });
}
