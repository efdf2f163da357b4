import "./pickers.css";
import { ChevronLeft, ChevronRight } from "lucide";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { present } from "../app/present.ts";
import { preferences } from "../app/store.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Popover } from "../parts/popover.tsx";
import type { Moment } from "../../sync/things.ts";
import { localeOf, weekdayName } from "../words/dates.ts";
import { PICKING } from "../words/picking.ts";
import { language } from "../words/words.ts";
import { TypedDate } from "./typed_date.tsx";
import { clamped, FIRST_WEEKDAY, quickDays, stepped, weeksOf } from "./month.ts";

interface Clock {
  /** `HH:MM`, or nothing. */
  time: string;
  /** Nothing: it is that time wherever one is. */
  zone: string;
}

/**
 * Chooses a day, and a time if one wants: from what is wanted most, from a month, by keys. It knows no task, so that it
 * serves for many at once. `onChoose` is called once at most, with null for no date.
 */
export function DatePicker({
  anchor,
  label,
  value,
  canClear = true,
  onChoose,
  onClose,
}: {
  anchor: HTMLElement;
  label: string;
  value: Moment | null;
  canClear?: boolean;
  onChoose: (moment: Moment | null) => void;
  onClose: () => void;
}) {
  const says = PICKING[language.value];
  const before: Clock = { time: value?.time?.slice(0, 5) ?? "", zone: value?.timezone ?? "" };
  const [clock, setClock] = useState(before);
  const isDone = useRef(false);
  const isClockNew = clock.time !== before.time || clock.zone !== before.zone;
  const choose = (day: Temporal.PlainDate | null, time = clock.time) => {
    isDone.current = true;
    onChoose(day && momentOf(day, { ...clock, time }));
    onClose();
  };
  const close = () => {
    // A time that was set, and then the click went beside it: it is meant.
    if (isClockNew && !isDone.current) choose(dayFor(value, clock));
    else onClose();
  };
  return (
    <Popover anchor={anchor} onClose={close} class="date-picker" role="dialog" aria-label={label}>
      <TypedDate onChoose={({ date, time }) => choose(Temporal.PlainDate.from(date), time?.slice(0, 5))} />
      <QuickChoices canClear={canClear} onChoose={choose} />
      <Month value={value} onChoose={choose} />
      <form
        class="clock"
        onSubmit={(event) => {
          event.preventDefault();
          choose(dayFor(value, clock));
        }}
      >
        <ClockFields clock={clock} onChange={setClock} />
        {isClockNew && (
          <Button look="primary" type="submit">
            {says.done}
          </Button>
        )}
      </form>
    </Popover>
  );
}

function momentOf(day: Temporal.PlainDate, { time, zone }: Clock): Moment {
  return { date: day.toString(), time: time ? `${time}:00` : null, timezone: time && zone ? zone : null };
}

/** The day of a time alone: the one that there is, or the next on which it is still to come. */
function dayFor(value: Moment | null, { time }: Clock): Temporal.PlainDate {
  if (value) return Temporal.PlainDate.from(value.date);
  const from = present();
  const isPast = time !== "" && Temporal.PlainTime.compare(time, from.toPlainTime()) <= 0;
  return from.toPlainDate().add({ days: isPast ? 1 : 0 });
}

function QuickChoices({ canClear, onChoose }: { canClear: boolean; onChoose: (day: Temporal.PlainDate | null) => void }) {
  const says = PICKING[language.value];
  const days = quickDays(present().toPlainDate(), FIRST_WEEKDAY[preferences.value.week_starts_on]);
  // Not the field before it: that would bring up a keyboard over the month.
  const isTouched = matchMedia("(pointer: coarse)").matches;
  return (
    <div class="quick-days">
      {(["today", "tomorrow", "weekend", "nextWeek"] as const).map((name) => (
        <button type="button" key={name} autofocus={isTouched && name === "today"} onClick={() => onChoose(days[name])}>
          <span>{says[name]}</span>
          <span class="hint">{weekdayName(days[name].dayOfWeek - 1, language.value, "short")}</span>
        </button>
      ))}
      {canClear && (
        <button type="button" onClick={() => onChoose(null)}>
          <span>{says.noDate}</span>
        </button>
      )}
    </div>
  );
}

function Month({ value, onChoose }: { value: Moment | null; onChoose: (day: Temporal.PlainDate) => void }) {
  const says = PICKING[language.value];
  const id = useId();
  const table = useRef<HTMLDivElement>(null);
  const today = present().toPlainDate();
  const [at, setAt] = useState(() => (value ? Temporal.PlainDate.from(value.date) : today));
  const byKey = useRef(false);
  const first = FIRST_WEEKDAY[preferences.value.week_starts_on];
  useLayoutEffect(() => {
    if (byKey.current) table.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    byKey.current = false;
  }, [at]);
  const turn = (months: number) => setAt((day) => clamped(day.add({ months })));
  return (
    <div class="month">
      <header>
        <IconButton label={says.previousMonth} icon={ChevronLeft} onClick={() => turn(-1)} />
        <h2 id={id} aria-live="polite">
          {at.toPlainYearMonth().toPlainDate({ day: 1 }).toLocaleString(language.value, { month: "long", year: "numeric" })}
        </h2>
        <IconButton label={says.nextMonth} icon={ChevronRight} onClick={() => turn(1)} />
      </header>
      <div
        class="days"
        role="grid"
        tabIndex={-1}
        aria-labelledby={id}
        ref={table}
        onKeyDown={(event) => {
          const rightToLeft = getComputedStyle(event.currentTarget).direction === "rtl";
          const next = stepped(at, event, { first, rightToLeft });
          if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          event.stopPropagation();
          byKey.current = true;
          setAt(next);
        }}
      >
        <div role="row">
          {[0, 1, 2, 3, 4, 5, 6].map((index) => {
            const weekday = (first - 1 + index) % 7;
            return (
              <span key={index} role="columnheader" aria-label={weekdayName(weekday, language.value)}>
                {weekdayName(weekday, language.value, "short")}
              </span>
            );
          })}
        </div>
        {weeksOf(at, first).map((week) => (
          <div role="row" key={String(week[0])}>
            {week.map((day) => (
              <Day key={String(day)} day={day} at={at} today={today} chosen={value?.date === day.toString()} onChoose={onChoose} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Day({
  day,
  at,
  today,
  chosen,
  onChoose,
}: {
  day: Temporal.PlainDate;
  at: Temporal.PlainDate;
  today: Temporal.PlainDate;
  chosen: boolean;
  onChoose: (day: Temporal.PlainDate) => void;
}) {
  return (
    <div role="gridcell" aria-selected={chosen}>
      <button
        type="button"
        class={day.month === at.month ? "" : "beside"}
        tabIndex={day.equals(at) ? 0 : -1}
        aria-current={day.equals(today) ? "date" : undefined}
        aria-label={day.toLocaleString(localeOf(language.value), { weekday: "long", day: "numeric", month: "long", year: "numeric" })}
        onClick={() => onChoose(day)}
      >
        {day.day.toLocaleString(language.value)}
      </button>
    </div>
  );
}

function ClockFields({ clock, onChange }: { clock: Clock; onChange: (clock: Clock) => void }) {
  const says = PICKING[language.value];
  return (
    <>
      <label>
        <span>{says.time}</span>
        <input class="input" type="time" value={clock.time} onInput={(event) => onChange({ ...clock, time: event.currentTarget.value })} />
      </label>
      {clock.time && (
        <label>
          <span>{says.timezone}</span>
          <select class="input" value={clock.zone} onChange={(event) => onChange({ ...clock, zone: event.currentTarget.value })}>
            <option value="">{says.anywhere}</option>
            {zonesWith(preferences.value.timezone, clock.zone).map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

/** All that the device knows; one's own first, and the one that is set even if the device does not know it. */
function zonesWith(own: string, set: string): string[] {
  return [...new Set([own, ...(set ? [set] : []), ...Intl.supportedValuesOf("timeZone")])];
}
