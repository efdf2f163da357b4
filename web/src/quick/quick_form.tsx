import { useId, useRef, useState } from "preact/hooks";
import { act, undo } from "../app/acting.ts";
import { LONGEST_TITLE } from "../app/limits.ts";
import { PlaceButton } from "../detail/place_button.tsx";
import type { Adds } from "../list/lines.ts";
import { Button } from "../parts/button.tsx";
import { newId } from "../../sync/ids.ts";
import type { Id, NewTask } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { QUICK } from "../words/quick.ts";
import { language, words } from "../words/words.ts";
import { type Chip, Chips, chipsOf } from "./chips.tsx";
import { here } from "./here.ts";
import { linesOf } from "./lines.ts";
import { lineOf, sent, shortened } from "./making.ts";
import { moved } from "./masks.ts";
import { Pasted } from "./pasted.tsx";
import { EMPTY, typed } from "./quick_add.tsx";
import { QuickField } from "./quick_field.tsx";

interface QuickFormProps {
  adds: Adds;
  takesFocus?: boolean;
  onOpen: (id: Id) => void;
  onClose?: () => void;
}

/**
 * A line that becomes a task as it is shown below it. It is empty afterwards, for the next one. With `onClose` it stands among the
 * tasks, and says what it has added as everything there does.
 */
export function QuickForm({ adds, takesFocus = true, onOpen, onClose }: QuickFormProps) {
  const quick = QUICK[language.value];
  const { common } = words.value;
  const hint = useId();
  const form = useRef<HTMLFormElement>(null);
  const [place, setPlace] = useState(adds);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isTooLong, setTooLong] = useState(false);
  const [added, setAdded] = useState<{ said: string; act: string } | null>(null);
  const [lines, setLines] = useState<readonly string[] | null>(null);
  const { text, masks } = typed.value;
  const { task, pieces } = lineOf(text, masks, here(), place);
  const chips = chipsOf(task, pieces, place);
  const write = (next: string) => {
    setTooLong(false);
    typed.value = { text: next, masks: moved(masks, text, next) };
  };
  const create = (tasks: readonly NewTask[], said: string): Id[] => {
    const made = tasks.map((each) => ({ op: "create", kind: "task", id: newId(), task: sent(each) }) as const);
    const done = act(made, onClose && said);
    typed.value = EMPTY;
    if (done && !onClose) setAdded({ said, act: done.key });
    return made.map(({ id }) => id);
  };
  const add = (opens: boolean) => {
    if (!text.trim()) return;
    if ([...task.title].length > LONGEST_TITLE) {
      setTooLong(true);
      return;
    }
    const [id] = create([task], quick.added.replace("#", task.title));
    if (opens && id) onOpen(id);
    // The button that was pressed does nothing without a line, and would lose the focus.
    else form.current?.querySelector("textarea")?.focus();
  };
  const remove = ({ kind, text: name, spans }: Chip, field: HTMLElement | null) => {
    // The chip goes, and the focus with it.
    field?.focus();
    if (spans.length > 0) typed.value = { text, masks: [...masks, ...spans] };
    else if (kind === "tag") setPlace({ ...place, tags: (place.tags ?? []).filter((each) => each !== name) });
    else setPlace(withoutDue(place));
  };
  if (lines) {
    return (
      <Pasted
        lines={lines}
        onAdd={() => {
          const tasks = lines.map((line) => shortened(lineOf(line, [], here(), place).task));
          create(tasks, counted(language.value, tasks.length, quick.addedMany));
          setLines(null);
        }}
        onJoin={(line) => {
          write(line);
          setLines(null);
        }}
        onCancel={() => setLines(null)}
      />
    );
  }
  return (
    <form
      ref={form}
      class="quick-form"
      onSubmit={(event) => {
        event.preventDefault();
        add(false);
      }}
    >
      <QuickField
        text={text}
        pieces={pieces}
        list={task.list_id ?? null}
        describedBy={hint}
        isWrong={isTooLong}
        takesFocus={takesFocus}
        onInput={write}
        onEnter={add}
        onPasteLines={(whole) => setLines(linesOf(whole))}
      />
      <Chips chips={chips} onRemove={remove} />
      {/* What is read out while one types: it changes only when what is understood does. */}
      <p class="visually-hidden" role="status">
        {text && pieces.length > 0 && quick.understood.replace("#", chips.map((chip) => `${quick.kinds[chip.kind]} ${chip.text}`).join(", "))}
      </p>
      <p class={isTooLong ? "error" : "visually-hidden"} id={hint}>
        {isTooLong ? quick.tooLong : quick.hint}
      </p>
      <div class="quick-actions">
        <PlaceButton
          label={quick.place}
          chosen={{ list_id: task.list_id ?? null, section_id: task.section_id ?? null }}
          anchor={anchor}
          onAnchor={setAnchor}
          onChoose={({ list_id, section_id }) => {
            write(withoutPlace(text, pieces));
            setPlace({ ...place, list_id, section_id });
          }}
        />
        {onClose ? (
          <Button look="quiet" onClick={onClose}>
            {common.cancel}
          </Button>
        ) : (
          <Button look="quiet" disabled={!text.trim()} onClick={() => add(true)}>
            {quick.addAndOpen}
          </Button>
        )}
        <Button look="primary" type="submit" disabled={!text.trim()}>
          {quick.add}
        </Button>
      </div>
      <p class="quick-added" role="status">
        {added && (
          <>
            <span>{added.said}</span>
            <Button
              look="quiet"
              onClick={(event) => {
                event.currentTarget.form?.querySelector("textarea")?.focus();
                undo(added.act);
                setAdded(null);
              }}
            >
              {common.undo}
            </Button>
          </>
        )}
      </p>
    </form>
  );
}

function withoutDue({ list_id, section_id, tags }: Adds): Adds {
  return { ...(list_id === undefined ? {} : { list_id }), ...(section_id === undefined ? {} : { section_id }), ...(tags ? { tags } : {}) };
}

/** The line without the list and the section that it names. */
function withoutPlace(text: string, pieces: ReturnType<typeof lineOf>["pieces"]): string {
  let rest = text;
  for (const { kind, start, end } of pieces.toReversed()) {
    if (kind === "list" || kind === "section") rest = `${rest.slice(0, start).trimEnd()} ${rest.slice(end).trimStart()}`.trim();
  }
  return rest;
}
