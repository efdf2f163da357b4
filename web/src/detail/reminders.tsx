import "./pickers.css";
import { AlarmClock, Bell, Plus, X } from "lucide";
import { useRef, useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { newId } from "../../sync/ids.ts";
import { present } from "../app/present.ts";
import { preferences } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Menu, type MenuItem, MenuButton } from "../parts/menu.tsx";
import { OnDemand } from "../parts/on_demand.tsx";
import { instantToText, knownZone } from "../../sync/dates.ts";
import type { Moment, NewReminder, Reminder, Task } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { PICKING } from "../words/picking.ts";
import { language, words } from "../words/words.ts";
import { sayInstant, sayReminder } from "./saying.ts";

const loadDatePicker = async () => (await import("./date_picker.tsx")).DatePicker;
const loadOffsetForm = async () => (await import("./offset_form.tsx")).OffsetForm;

const MOST_REMINDERS = 20;

/** When to be reminded of the task: each with its ways out, and a menu for another. */
export function Reminders({ task }: { task: Task }) {
  const { detail } = words.value;
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [asks, setAsks] = useState<"menu" | "moment" | "offset" | null>(null);
  const goesOn = useRef(false);
  const voice = { says: words.value, language: language.value, now: present() };
  const sayOf = (reminder: NewReminder) => sayReminder(reminder, task.due, preferences.value.day_reminder_at, voice);
  const add = (reminder: NewReminder) => put(task, [...task.reminders.map(sent), { id: newId(), ...reminder }]);
  const ask = (what: typeof asks) => {
    goesOn.current = what !== null;
    setAsks(what);
  };
  const items = (): MenuItem[] => [
    ...suggested(task).map((reminder) => ({ label: sayOf(reminder), choose: () => add(reminder) })),
    ...(task.due || task.start ? [{ label: PICKING[language.value].otherOffset, choose: () => ask("offset") }] : []),
    { label: PICKING[language.value].atMoment, choose: () => ask("moment") },
  ];
  const close = () => {
    goesOn.current = false;
    queueMicrotask(() => goesOn.current || setAsks(null));
  };
  const isSet = task.reminders.length > 0;
  return (
    <>
      {task.reminders.map((reminder) => (
        <Set key={reminder.id} task={task} reminder={reminder} said={sayOf(reminder)} />
      ))}
      {task.reminders.length < MOST_REMINDERS && (
        <div class="member-line">
          <button
            type="button"
            class="member unset"
            aria-haspopup="menu"
            aria-expanded={asks === "menu"}
            aria-label={isSet ? detail.anotherReminder : detail.addReminder}
            onClick={(event) => {
              setAnchor(event.currentTarget);
              ask("menu");
            }}
          >
            <Icon of={isSet ? Plus : Bell} />
            <span>{isSet ? detail.anotherReminder : detail.addReminder}</span>
          </button>
          {anchor && asks === "menu" && (
            <Menu anchor={anchor} label={detail.addReminder} items={items()} onClose={close} />
          )}
          {anchor && asks === "moment" && (
            <OnDemand
              load={loadDatePicker}
              props={{
                anchor,
                label: detail.addReminder,
                value: soon(),
                canClear: false,
                onChoose: (moment) => moment && add({ at: instantOf(moment) }),
                onClose: () => ask(null),
              }}
            />
          )}
          {anchor && asks === "offset" && (
            <OnDemand
              load={loadOffsetForm}
              props={{ anchor, hasDue: task.due !== null, hasStart: task.start !== null, onChoose: add, onClose: () => ask(null) }}
            />
          )}
        </div>
      )}
    </>
  );
}

function Set({ task, reminder, said }: { task: Task; reminder: Reminder; said: string }) {
  const { detail } = words.value;
  const isOver = reminder.remind_at === null;
  // When it comes, also after it was put off.
  const next = reminder.remind_at && sayInstant(reminder.remind_at, { says: words.value, language: language.value, now: present() });
  const others = task.reminders.filter(({ id }) => id !== reminder.id);
  return (
    <div class="member-line">
      <span class={`member said ${isOver ? "unset" : ""}`}>
        <Icon of={Bell} />
        <span>
          {said}
          {next && next !== said && <span class="hint"> · {next}</span>}
        </span>
      </span>
      {!task.is_completed && (
        <MenuButton label={detail.snoozeOf.replace("#", said)} icon={AlarmClock} items={() => snoozes(task, reminder)} class="reveal" />
      )}
      <IconButton
        class="reveal"
        label={detail.removeReminder.replace("#", said)}
        icon={X}
        size={16}
        onClick={(event) => {
          // The line goes, and the focus with it.
          event.currentTarget.closest(".members")?.querySelector<HTMLElement>(".member")?.focus();
          put(task, others.map(sent));
        }}
      />
    </div>
  );
}

function put(task: Task, reminders: NewReminder[]): void {
  act({ op: "update", kind: "task", id: task.id, task: { reminders } });
}

/** What is known of one that stays. */
function sent({ id, offset, relative_to, at }: Reminder): NewReminder {
  return at === null ? { id, offset, relative_to } : { id, at };
}

/** What is wanted most, and is not there yet. */
function suggested({ due, start, reminders }: Task): NewReminder[] {
  const ofDue = due ? (due.time === null ? ["PT0M", "-P1D"] : ["PT0M", "-PT10M", "-PT30M", "-PT1H", "-P1D"]) : [];
  const all: NewReminder[] = ofDue.map((offset) => ({ offset, relative_to: "due" }));
  if (start) all.push({ offset: "PT0M", relative_to: "start" });
  return all.filter(({ offset, relative_to }) => !reminders.some((each) => each.offset === offset && each.relative_to === relative_to));
}

/** The next full hour: what the picker of a moment begins with. */
function soon(): Moment {
  const at = present().round({ smallestUnit: "hour", roundingMode: "ceil" });
  return { date: at.toPlainDate().toString(), time: at.toPlainTime().toString({ smallestUnit: "second" }), timezone: null };
}

/** A day alone is at the time at which days remind. */
function instantOf({ date, time, timezone }: Moment): string {
  const zone = knownZone(timezone ?? present().timeZoneId);
  const at = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: zone, plainTime: time ?? preferences.value.day_reminder_at });
  return instantToText(at.toInstant());
}

function snoozes(task: Task, reminder: Reminder): MenuItem[] {
  const says = PICKING[language.value];
  const from = Temporal.Now.zonedDateTimeISO(present().timeZoneId);
  const morning = from
    .toPlainDate()
    .add({ days: 1 })
    .toZonedDateTime({ timeZone: from.timeZoneId, plainTime: preferences.value.day_reminder_at });
  const choices: [string, Temporal.ZonedDateTime][] = [
    [counted(language.value, 10, says.inMinutes), from.add({ minutes: 10 })],
    [counted(language.value, 1, says.inHours), from.add({ hours: 1 })],
    [counted(language.value, 3, says.inHours), from.add({ hours: 3 })],
    [says.tomorrowMorning, morning],
  ];
  return choices.map(([label, at]) => ({ label, choose: () => snooze(task, reminder, instantToText(at.toInstant())) }));
}

function snooze(task: Task, reminder: Reminder, until: string): void {
  const voice = { says: words.value, language: language.value, now: present() };
  const said = words.value.detail.snoozed.replace("#", sayInstant(until, voice));
  act({ op: "snooze", kind: "task", id: task.id, reminder_id: reminder.id, until }, said);
}
