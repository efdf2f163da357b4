import { Bell, CalendarDays, Flag, Folder, Hourglass, type IconNode, Repeat, Rows3, Tag, Timer, X } from "lucide";
import { present } from "../app/present.ts";
import { get, preferences } from "../app/store.ts";
import { sayMinutes, sayMoment, sayReminder } from "../detail/saying.ts";
import { sayRule } from "../detail/saying_rules.ts";
import type { Adds } from "../list/lines.ts";
import { Icon } from "../parts/icon.tsx";
import type { NewReminder, NewTask } from "../../sync/things.ts";
import type { Kind, Piece } from "../../tasks/quick/understand.ts";
import { QUICK } from "../words/quick.ts";
import { language, words } from "../words/words.ts";
import type { Span } from "./masks.ts";

const ICONS: Record<Kind, IconNode> = {
  due: CalendarDays,
  start: Hourglass,
  recurrence: Repeat,
  list: Folder,
  section: Rows3,
  tag: Tag,
  priority: Flag,
  reminder: Bell,
  estimate: Timer,
};

export interface Chip {
  key: string;
  kind: Kind;
  text: string;
  /** The parts of the line that say it. None: the place does. */
  spans: readonly Span[];
}

/** What was understood, each with a way to take it back: what the line says stays text, what the place adds is left out. */
export function Chips({ chips, onRemove }: { chips: readonly Chip[]; onRemove: (chip: Chip, field: HTMLElement | null) => void }) {
  const says = QUICK[language.value];
  if (chips.length === 0) return null;
  return (
    <ul class="quick-chips">
      {chips.map((chip) => {
        const way = chip.spans.length > 0 ? says.keepAsText : says.leaveOut;
        return (
          <li key={chip.key}>
            <button
              type="button"
              class={`chip ${chip.spans.length > 0 ? "" : "of-place"}`}
              aria-label={`${way}: ${says.kinds[chip.kind]} ${chip.text}`}
              title={way}
              onClick={(event) => onRemove(chip, event.currentTarget.form?.querySelector("textarea") ?? null)}
            >
              <Icon of={ICONS[chip.kind]} size={14} />
              <span>{chip.text}</span>
              <Icon of={X} size={14} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function chipsOf(task: NewTask, pieces: readonly Piece[], adds: Adds): Chip[] {
  const chips = new Map<string, Chip>();
  for (const piece of pieces) {
    const { kind, start, end } = piece;
    // What is said of one date in two places is one date.
    const key = kind === "due" || kind === "start" || kind === "recurrence" ? kind : `${kind} ${start}`;
    const spans = [...(chips.get(key)?.spans ?? []), [start, end] as const];
    chips.set(key, { key, kind, text: sayPiece(piece, task), spans });
  }
  if (task.due && !chips.has("due") && adds.due && !chips.has("recurrence")) {
    chips.set("due", { key: "due", kind: "due", text: sayMoment(task.due, voice()), spans: [] });
  }
  for (const tag of adds.tags ?? []) chips.set(`of place ${tag}`, { key: `of place ${tag}`, kind: "tag", text: tag, spans: [] });
  return [...chips.values()];
}

const voice = () => ({ says: words.value, language: language.value, now: present() });

function sayPiece({ kind, value }: Piece, task: NewTask): string {
  const { due, start, recurrence } = task;
  switch (kind) {
    case "due":
      return due ? sayMoment(due, voice()) : "";
    case "start":
      return start ? sayMoment(start, voice()) : "";
    case "recurrence":
      return recurrence && due ? `${sayRule(recurrence, due.date, voice())} · ${sayMoment(due, voice())}` : "";
    case "list":
      return get("list", String(value))?.name ?? "";
    case "section":
      return get("section", String(value))?.name ?? "";
    case "priority":
      return words.value.task.priorities[task.priority ?? "none"];
    case "estimate":
      return sayMinutes(Number(value), language.value);
    case "reminder":
      return sayReminder(value as NewReminder, due ?? null, preferences.value.day_reminder_at, voice());
    default:
      return String(value);
  }
}
