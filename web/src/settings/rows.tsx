import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { isOnline } from "./asking.ts";
import { says } from "./says.ts";

/** Settings that belong together, below a heading. */
export function Section({ title, hint, children }: { title?: string; hint?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="settings-section" aria-labelledby={title && id}>
      {title && <h2 id={id}>{title}</h2>}
      {hint && <p class="section-hint">{hint}</p>}
      {children}
    </section>
  );
}

/** One setting: what it is on the one side, what changes it on the other. */
export function Row({
  label,
  hint,
  for: control,
  children,
}: {
  label: ComponentChildren;
  hint?: ComponentChildren;
  /** The id of the control that it names; its hint is then `${id}-hint`. */
  for?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="setting">
      <div class="setting-what">
        {control ? <label for={control}>{label}</label> : <span>{label}</span>}
        {hint && (
          <p class="hint" id={control && `${control}-hint`}>
            {hint}
          </p>
        )}
      </div>
      {children && <div class="setting-control">{children}</div>}
    </div>
  );
}

export interface Choice {
  id: string;
  label: string;
  /** Choices with the same one stand together below it. */
  group?: string;
}

/** A setting that is one of several. */
export function ChoiceRow({
  label,
  hint,
  value,
  choices,
  onChoose,
}: {
  label: string;
  hint?: string;
  value: string;
  choices: readonly Choice[];
  onChoose: (id: string) => void;
}) {
  const id = useId();
  const groups = new Set(choices.map(({ group }) => group));
  const options = (group: string | undefined) =>
    choices.filter((choice) => choice.group === group).map((choice) => (
      <option key={choice.id} value={choice.id}>
        {choice.label}
      </option>
    ));
  return (
    <Row label={label} hint={hint} for={id}>
      <select
        id={id}
        class="input"
        value={value}
        aria-describedby={hint && `${id}-hint`}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {[...groups].map((group) => (group ? <optgroup key={group} label={group}>{options(group)}</optgroup> : options(group)))}
      </select>
    </Row>
  );
}

/** A setting that is on or off. */
export function SwitchRow({
  label,
  hint,
  on,
  disabled = false,
  onToggle,
}: {
  label: string;
  hint?: ComponentChildren;
  on: boolean;
  disabled?: boolean;
  onToggle: (on: boolean) => void;
}) {
  const id = useId();
  return (
    <Row label={label} hint={hint} for={id}>
      <input
        id={id}
        class="switch"
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onToggle(event.currentTarget.checked)}
      />
    </Row>
  );
}

/** A time of day. It is told when it is whole: a browser's field is empty while an hour is written. */
export function TimeInput({
  id,
  label,
  value,
  onChange,
}: {
  id?: string;
  label?: string;
  value: string;
  onChange: (time: string) => void;
}) {
  return (
    <input
      id={id}
      class="input"
      type="time"
      aria-label={label}
      value={value.slice(0, 5)}
      required
      onChange={({ currentTarget }) => {
        if (currentTarget.value && currentTarget.value !== value.slice(0, 5)) onChange(currentTarget.value);
        else currentTarget.value = value.slice(0, 5);
      }}
    />
  );
}

/** What only the server can do: without a network it stays to be seen, and says why it does nothing. */
export function NeedsServer({ children }: { children: ComponentChildren }) {
  return (
    <>
      {!isOnline.value && (
        <p class="needs-server" role="status">
          {says.value.offline}
        </p>
      )}
      <fieldset class="bare" disabled={!isOnline.value}>
        {children}
      </fieldset>
    </>
  );
}
