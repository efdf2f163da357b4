import "./pickers.css";
import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Popover } from "../parts/popover.tsx";
import type { NewReminder } from "../../sync/things.ts";
import { PICKING } from "../words/picking.ts";
import { language } from "../words/words.ts";
import { NumberInput } from "./repeat_form.tsx";

/** The letters of ISO 8601, and how many the server takes. */
const UNITS = { minutes: ["T", "M", 10_080], hours: ["T", "H", 1_000], days: ["", "D", 400], weeks: ["", "W", 57] } as const;
type Unit = keyof typeof UNITS;

/** A reminder so long before or after the task is due or may be begun. */
export function OffsetForm({
  anchor,
  hasDue,
  hasStart,
  onChoose,
  onClose,
}: {
  anchor: HTMLElement;
  hasDue: boolean;
  hasStart: boolean;
  onChoose: (reminder: NewReminder) => void;
  onClose: () => void;
}) {
  const says = PICKING[language.value];
  const [number, setNumber] = useState(15);
  const [unit, setUnit] = useState<Unit>("minutes");
  const [sign, setSign] = useState("-");
  const [relativeTo, setRelativeTo] = useState<"due" | "start">(hasDue ? "due" : "start");
  const [time, letter, most] = UNITS[unit];
  return (
    <Popover anchor={anchor} onClose={onClose} class="repeat-form" role="dialog" aria-label={says.otherOffset}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onChoose({ offset: `${sign}P${time}${number}${letter}`, relative_to: relativeTo });
          onClose();
        }}
      >
        <div class="line">
          <NumberInput value={number} most={most} label={says.number} onChange={setNumber} />
          <select class="input" aria-label={says.unit} value={unit} onChange={(event) => setUnit(event.currentTarget.value as Unit)}>
            {(Object.keys(UNITS) as Unit[]).map((each) => (
              <option key={each} value={each}>
                {says.offsetUnits[each]}
              </option>
            ))}
          </select>
        </div>
        <div class="line">
          <select class="input" aria-label={says.beforeOrAfter} value={sign} onChange={(event) => setSign(event.currentTarget.value)}>
            <option value="-">{says.before}</option>
            <option value="">{says.after}</option>
          </select>
          <select
            class="input"
            aria-label={says.ofWhat}
            value={relativeTo}
            onChange={(event) => setRelativeTo(event.currentTarget.value === "start" ? "start" : "due")}
          >
            {hasDue && <option value="due">{says.ofDue}</option>}
            {hasStart && <option value="start">{says.ofStart}</option>}
          </select>
        </div>
        <Button look="primary" type="submit">
          {says.add}
        </Button>
      </form>
    </Popover>
  );
}
