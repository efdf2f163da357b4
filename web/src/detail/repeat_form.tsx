import "./pickers.css";
import { useState } from "preact/hooks";
import { present } from "../app/present.ts";
import { preferences } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Popover } from "../parts/popover.tsx";
import { weekdayName } from "../words/dates.ts";
import { PICKING } from "../words/picking.ts";
import { language, words } from "../words/words.ts";
import { FIRST_WEEKDAY } from "./month.ts";
import { meant, type OnDay, type RuleForm } from "./rule_form.ts";
import { sayForm, sayOnDay } from "./saying_rules.ts";

const UNITS = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
const MOST = { every: 999, times: 1000 };

type Change = (changes: Partial<RuleForm>) => void;

/** A rule of one's own. `kept` is one that this form cannot say: it stays unless another is saved. */
export function RepeatForm({
  anchor,
  due,
  start,
  kept,
  onSave,
  onClose,
}: {
  anchor: HTMLElement;
  due: string;
  start: RuleForm;
  kept: string | null;
  onSave: (form: RuleForm) => void;
  onClose: () => void;
}) {
  const says = PICKING[language.value];
  const [form, setForm] = useState(start);
  const change: Change = (changes) => setForm({ ...form, ...changes });
  const voice = { says: words.value, language: language.value, now: present() };
  return (
    <Popover anchor={anchor} onClose={onClose} class="repeat-form" role="dialog" aria-label={says.repeats}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(form);
          onClose();
        }}
      >
        {kept !== null && (
          <p class="hint">
            <code>{kept}</code> {says.kept}
          </p>
        )}
        <Every form={form} onChange={change} />
        {form.from === "due" && form.unit === "WEEKLY" && <Weekdays form={form} onChange={change} />}
        {form.from === "due" && form.unit === "MONTHLY" && <OfMonth form={form} due={due} onChange={change} />}
        <label class="line">
          <span>{says.from}</span>
          <select
            class="input"
            value={form.from}
            onChange={(event) => change({ from: event.currentTarget.value === "completion" ? "completion" : "due" })}
          >
            <option value="due">{says.fromDue}</option>
            <option value="completion">{says.fromCompletion}</option>
          </select>
        </label>
        <Ends form={form} due={due} onChange={change} />
        <p class="said" aria-live="polite">
          {sayForm(form, voice)}
        </p>
        <Button look="primary" type="submit">
          {says.save}
        </Button>
      </form>
    </Popover>
  );
}

function Every({ form, onChange }: { form: RuleForm; onChange: Change }) {
  const says = PICKING[language.value];
  const number = new Intl.PluralRules(language.value).select(form.every) === "one" ? "one" : "other";
  return (
    <div class="line">
      <label>
        <span>{says.every}</span>
        <NumberInput value={form.every} most={MOST.every} onChange={(every) => onChange({ every })} />
      </label>
      <select
        class="input"
        aria-label={says.unit}
        value={form.unit}
        onChange={(event) => {
          const unit = UNITS.find((each) => each === event.currentTarget.value);
          if (unit) onChange({ unit });
        }}
      >
        {UNITS.map((unit) => (
          <option key={unit} value={unit}>
            {says.units[unit][number]}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A number that may be empty while it is typed. */
export function NumberInput({
  value,
  most,
  label,
  onChange,
}: {
  value: number;
  most: number;
  label?: string;
  onChange: (value: number) => void;
}) {
  return (
    <input
      class="input number"
      type="number"
      inputMode="numeric"
      min={1}
      max={most}
      required
      aria-label={label}
      value={value}
      onInput={(event) => {
        const typed = event.currentTarget.valueAsNumber;
        if (Number.isInteger(typed) && typed >= 1 && typed <= most) onChange(typed);
      }}
    />
  );
}

function Weekdays({ form, onChange }: { form: RuleForm; onChange: Change }) {
  const first = FIRST_WEEKDAY[preferences.value.week_starts_on] - 1;
  const toggle = (weekday: number) => {
    const isOn = form.weekdays.includes(weekday);
    if (isOn && form.weekdays.length === 1) return;
    const weekdays = isOn ? form.weekdays.filter((each) => each !== weekday) : [...form.weekdays, weekday];
    onChange({ weekdays: weekdays.toSorted((a, b) => a - b) });
  };
  return (
    <div class="weekdays" role="group" aria-label={PICKING[language.value].on}>
      {[0, 1, 2, 3, 4, 5, 6].map((index) => {
        const weekday = (first + index) % 7;
        return (
          <button
            type="button"
            key={weekday}
            aria-pressed={form.weekdays.includes(weekday)}
            aria-label={weekdayName(weekday, language.value)}
            onClick={() => toggle(weekday)}
          >
            {weekdayName(weekday, language.value, "short")}
          </button>
        );
      })}
    </div>
  );
}

function OfMonth({ form, due, onChange }: { form: RuleForm; due: string; onChange: Change }) {
  const says = PICKING[language.value];
  const own = meant(due);
  const options = own.some((each) => isEqual(each, form.on)) ? own : [form.on, ...own];
  return (
    <label class="line">
      <span>{says.on}</span>
      <select
        class="input"
        value={String(options.findIndex((each) => isEqual(each, form.on)))}
        onChange={(event) => {
          const on = options[Number(event.currentTarget.value)];
          if (on) onChange({ on });
        }}
      >
        {options.map((on, index) => (
          <option key={nameOfDay(on)} value={String(index)}>
            {nameOfDay(on)}
          </option>
        ))}
      </select>
    </label>
  );
}

function nameOfDay(on: OnDay): string {
  return sayOnDay(on, { says: words.value, language: language.value, now: present() });
}

function isEqual(one: OnDay, other: OnDay): boolean {
  return nameOfDay(one) === nameOfDay(other);
}

function Ends({ form, due, onChange }: { form: RuleForm; due: string; onChange: Change }) {
  const says = PICKING[language.value];
  const { ends } = form;
  const kinds: Record<RuleForm["ends"]["kind"], () => RuleForm["ends"]> = {
    never: () => ({ kind: "never" }),
    on: () => ({ kind: "on", day: Temporal.PlainDate.from(due).add({ months: 3 }).toString() }),
    after: () => ({ kind: "after", times: 10 }),
  };
  return (
    <div class="line">
      <label>
        <span>{says.ends}</span>
        <select
          class="input"
          value={ends.kind}
          onChange={(event) => onChange({ ends: kinds[event.currentTarget.value as keyof typeof kinds]() })}
        >
          <option value="never">{says.never}</option>
          <option value="on">{says.onDate}</option>
          <option value="after">{says.afterTimes}</option>
        </select>
      </label>
      {ends.kind === "on" && (
        <input
          class="input"
          type="date"
          required
          min={due}
          max="2200-12-31"
          aria-label={says.lastDay}
          value={ends.day}
          onInput={(event) => event.currentTarget.value && onChange({ ends: { kind: "on", day: event.currentTarget.value } })}
        />
      )}
      {ends.kind === "after" && (
        <NumberInput
          value={ends.times}
          most={MOST.times}
          label={says.times}
          onChange={(times) => onChange({ ends: { kind: "after", times } })}
        />
      )}
    </div>
  );
}
