import { useRef, useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { present } from "../app/present.ts";
import { preferences } from "../app/store.ts";
import { Menu, type MenuItem } from "../parts/menu.tsx";
import { OnDemand } from "../parts/on_demand.tsx";
import type { Recurrence, Task } from "../../sync/things.ts";
import { localeOf, weekdayName } from "../words/dates.ts";
import { PICKING } from "../words/picking.ts";
import { language, words } from "../words/words.ts";
import { FIRST_WEEKDAY } from "./month.ts";
import { firstDay, formOf, type RuleForm, toForm, toRecurrence } from "./rule_form.ts";
import { isWeekdays, sayRule } from "./saying_rules.ts";

const loadForm = async () => (await import("./repeat_form.tsx")).RepeatForm;

/** How the task repeats: what is wanted most as a menu, the rest as a form. */
export function RepeatMenu({ anchor, task, onClose }: { anchor: HTMLElement; task: Task; onClose: () => void }) {
  const [isCustom, setCustom] = useState(false);
  const goesOn = useRef(false);
  const today = present().toPlainDate().toString();
  const due = task.due?.date ?? today;
  const weekStart = FIRST_WEEKDAY[preferences.value.week_starts_on] - 1;
  const chosen = task.recurrence && toForm(task.recurrence, due);
  const save = (form: RuleForm) => setRule(task, form, today);
  if (isCustom) {
    return (
      <OnDemand
        load={loadForm}
        props={{
          anchor,
          due,
          start: chosen ?? formOf("WEEKLY", due, weekStart),
          kept: task.recurrence && !chosen ? task.recurrence.rule : null,
          onSave: save,
          onClose,
        }}
      />
    );
  }
  const isKept = task.recurrence?.is_supported === false;
  // What a calendar program has made can be ended here, and not be changed.
  const items = (isKept ? [] : common(due, weekStart)).map(
    ({ label, form }): MenuItem => ({ label, checked: isSame(form, task.recurrence, due), choose: () => save(form) }),
  );
  if (task.recurrence && !items.some((item) => item.checked)) {
    const voice = { says: words.value, language: language.value, now: present() };
    items.unshift({ label: sayRule(task.recurrence, due, voice), checked: true, choose: () => undefined });
  }
  const custom = {
    label: PICKING[language.value].custom,
    apart: true,
    choose: () => {
      goesOn.current = true;
      setCustom(true);
    },
  };
  if (!isKept) items.push(custom);
  if (task.recurrence) {
    const none = { recurrence: null };
    items.push({ label: PICKING[language.value].noRepeat, choose: () => act({ op: "update", kind: "task", id: task.id, task: none }) });
  }
  // A menu closes before what was chosen in it is done.
  const close = () => queueMicrotask(() => goesOn.current || onClose());
  return <Menu anchor={anchor} label={PICKING[language.value].repeats} items={items} onClose={close} />;
}

function common(due: string, weekStart: number): { label: string; form: RuleForm }[] {
  const says = PICKING[language.value];
  const date = Temporal.PlainDate.from(due);
  const weekly = formOf("WEEKLY", due, weekStart);
  return [
    { label: says.daily, form: formOf("DAILY", due) },
    { label: says.weekdays, form: { ...weekly, weekdays: [0, 1, 2, 3, 4] } },
    { label: says.weekly(weekdayName(date.dayOfWeek - 1, language.value)), form: weekly },
    { label: says.monthly(date.day), form: formOf("MONTHLY", due) },
    { label: says.yearly(date.toLocaleString(localeOf(language.value), { day: "numeric", month: "long" })), form: formOf("YEARLY", due) },
  ];
}

function isSame(form: RuleForm, recurrence: Recurrence | null, due: string): boolean {
  const other = recurrence && toForm(recurrence, due);
  if (!other || (isWeekdays(form) && !isWeekdays(other))) return false;
  const said = toRecurrence(form, due);
  const others = toRecurrence(other, due);
  return said.rule === others.rule && said.from === others.from;
}

/** Nothing repeats without a date: it gets the first one of the rule. */
function setRule(task: Task, form: RuleForm, today: string): void {
  const date = task.due?.date ?? firstDay(form, today);
  const due = task.due ? {} : { due: { date, time: null, timezone: null } };
  act({ op: "update", kind: "task", id: task.id, task: { recurrence: toRecurrence(form, date), ...due } });
}
