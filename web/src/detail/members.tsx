import { CalendarDays, Flag, Hourglass, type IconNode, Link, ExternalLink, Repeat, Tag, Timer, X } from "lucide";
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { present } from "../app/present.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { OnDemand } from "../parts/on_demand.tsx";
import { dated } from "../list/doing.ts";
import { PriorityMenu, TagPicker } from "../list/pickers.tsx";
import type { Moment, Task, TaskChanges } from "../../sync/things.ts";
import { whenOf } from "../words/dates.ts";
import { language, words } from "../words/words.ts";
import { minutesOf } from "./amounts.ts";
import { Reminders } from "./reminders.tsx";
import { sayMinutes, sayMoment } from "./saying.ts";
import { sayRule } from "./saying_rules.ts";
import { withScheme } from "./urls.ts";
import { WrittenMember } from "./written_member.tsx";

const loadDatePicker = async () => (await import("./date_picker.tsx")).DatePicker;
const loadRepeatMenu = async () => (await import("./repeat.tsx")).RepeatMenu;

/** What else is said of the task, a line each. What is not said is quiet, and there to be said. */
export function Members({ task }: { task: Task }) {
  const { detail, task: says } = words.value;
  const update = (changes: TaskChanges) => act({ op: "update", kind: "task", id: task.id, task: changes });
  const voice = { says: words.value, language: language.value, now: present() };
  return (
    <div class="members">
      <Dated task={task} member="due" icon={CalendarDays} name={detail.due} unset={detail.addDue} />
      <Dated task={task} member="start" icon={Hourglass} name={detail.start} unset={detail.addStart} />
      <Member
        icon={Repeat}
        name={detail.repeat}
        unset={detail.addRepeat}
        value={task.recurrence && sayRule(task.recurrence, task.due?.date ?? "", voice)}
        disabled={task.is_completed}
        onClear={() => update({ recurrence: null })}
      >
        {(anchor, close) => <OnDemand load={loadRepeatMenu} props={{ anchor, task, onClose: close }} />}
      </Member>
      <Reminders task={task} />
      <Member
        icon={Flag}
        class={task.priority}
        name={says.priority}
        unset={says.priority}
        value={task.priority === "none" ? null : says.priorities[task.priority]}
        onClear={() => update({ priority: "none" })}
      >
        {(anchor, close) => (
          <PriorityMenu anchor={anchor} chosen={task.priority} onChoose={(priority) => update({ priority })} onClose={close} />
        )}
      </Member>
      <Tags task={task} />
      <WrittenMember
        icon={Timer}
        label={detail.estimate}
        unset={detail.addEstimate}
        value={task.estimate_minutes === null ? "" : sayMinutes(task.estimate_minutes, language.value)}
        read={minutesOf}
        error={detail.noEstimate}
        onChange={(minutes) => minutes !== task.estimate_minutes && update({ estimate_minutes: minutes })}
      />
      <WrittenMember
        icon={Link}
        label={detail.url}
        unset={detail.addUrl}
        value={task.url ?? ""}
        read={withScheme}
        error={detail.noUrl}
        inputMode="url"
        onChange={(url) => update({ url })}
      >
        {task.url && withScheme(task.url) && (
          <a class="icon-button" href={task.url} target="_blank" rel="noopener noreferrer" aria-label={detail.openUrl}>
            <Icon of={ExternalLink} size={16} />
          </a>
        )}
      </WrittenMember>
    </div>
  );
}

/** A line that opens what the member is chosen in. */
function Member({
  icon,
  name,
  unset,
  value,
  disabled = false,
  class: extra = "",
  onClear,
  children,
}: {
  icon: IconNode;
  name: string;
  unset: string;
  value: string | null;
  disabled?: boolean;
  class?: string;
  onClear?: () => void;
  children: (anchor: HTMLElement, close: () => void) => ComponentChildren;
}) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  if (disabled && value === null) return null;
  return (
    <div class={`member-line ${extra}`}>
      <button
        type="button"
        class={`member ${value === null ? "unset" : ""}`}
        ref={button}
        disabled={disabled}
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        aria-label={value === null ? unset : `${name}: ${value}`}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Icon of={icon} />
        <span>{value ?? unset}</span>
      </button>
      {value !== null && onClear && !disabled && (
        <IconButton
          class="reveal"
          label={words.value.detail.clear.replace("#", name)}
          icon={X}
          size={16}
          onClick={() => {
            onClear();
            button.current?.focus();
          }}
        />
      )}
      {anchor && children(anchor, () => setAnchor(null))}
    </div>
  );
}

function Dated({ task, member, icon, name, unset }: { task: Task; member: "due" | "start"; icon: IconNode; name: string; unset: string }) {
  const moment = task[member];
  const voice = { says: words.value, language: language.value, now: present() };
  const put = (chosen: Moment | null) => act({ op: "update", kind: "task", id: task.id, task: dated(task, member, chosen) });
  return (
    <Member
      icon={icon}
      name={name}
      unset={unset}
      value={moment && sayMoment(moment, voice)}
      class={member === "due" ? (whenOf(task, voice)?.look ?? "") : ""}
      onClear={() => put(null)}
    >
      {(anchor, close) => (
        <OnDemand
          load={loadDatePicker}
          props={{ anchor, label: name, value: moment, onChoose: put, onClose: close }}
        />
      )}
    </Member>
  );
}

function Tags({ task }: { task: Task }) {
  const { detail } = words.value;
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const put = (name: string) => act({ op: task.tags.includes(name) ? "untag" : "tag", kind: "task", id: task.id, tags: [name] });
  return (
    <div class="member-line tags">
      <button
        type="button"
        class={`member ${task.tags.length > 0 ? "" : "unset"}`}
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        aria-label={task.tags.length > 0 ? `${detail.tags}: ${task.tags.join(", ")}` : detail.addTags}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Icon of={Tag} />
        <span class="chosen-tags">
          {task.tags.length === 0 && detail.addTags}
          {task.tags.map((name) => (
            <span class="tag" key={name}>
              {name}
            </span>
          ))}
        </span>
      </button>
      {anchor && (
        <TagPicker anchor={anchor} chosen={task.tags} onChoose={put} onClose={() => setAnchor(null)} />
      )}
    </div>
  );
}

