import { Plus } from "lucide";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { LONGEST_LINE } from "../app/limits.ts";
import { all } from "../app/store.ts";
import type { List, Section, Tag } from "../../sync/things.ts";
import type { Piece } from "../../tasks/quick/understand.ts";
import { inPlace } from "../../tasks/views.ts";
import { newId } from "../../sync/ids.ts";
import { fold } from "../parts/fold.ts";
import { Icon } from "../parts/icon.tsx";
import { QUICK } from "../words/quick.ts";
import { language, words } from "../words/words.ts";
import { type Asked, askedAt, completed, matching } from "./suggesting.ts";

/**
 * A line in which what is understood is marked while it is typed: behind the field stands the same text with the marks. What
 * begins with #, / or @ can be completed.
 */
export function QuickField({
  text,
  pieces,
  list,
  describedBy,
  isWrong,
  takesFocus,
  onInput,
  onEnter,
  onPasteLines,
}: {
  text: string;
  pieces: readonly Piece[];
  /** The list whose sections can be named. */
  list: string | null;
  describedBy: string;
  isWrong: boolean;
  takesFocus: boolean;
  onInput: (text: string) => void;
  onEnter: (opens: boolean) => void;
  /** Several lines at once: the whole text as it would be. */
  onPasteLines: (whole: string) => void;
}) {
  const says = QUICK[language.value];
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [hasMoved, setMoved] = useState(false);
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const asked = askedAt(text, caret);
  const found = asked && asked.start !== closedAt ? matching(namesOf(asked, list), asked.name) : [];
  const creates = asked && asked.start !== closedAt && canCreate(asked, list) ? 1 : 0;
  const count = found.length + creates;
  // What would be new is never chosen by an Enter that was meant for the task.
  const active = found.length === 0 && !hasMoved ? -1 : at;
  const wanted = useRef<number | null>(null);
  const begins = useRef(takesFocus);
  useLayoutEffect(() => {
    if (begins.current) field.current?.focus();
  }, []);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    field.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });
  const look = () => setCaret(field.current?.selectionStart ?? 0);
  const choose = (name: string) => {
    if (!asked) return;
    const next = completed(text, caret, asked, name);
    wanted.current = next.caret;
    setCaret(next.caret);
    setAt(0);
    onInput(next.text);
  };
  const take = (index: number) => {
    const name = found[index];
    if (name !== undefined) choose(name);
    else if (asked) choose(create(asked, list));
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (count > 0 && step) {
      setMoved(true);
      setAt(active < 0 ? 0 : (active + step + count) % count);
    } else if (count > 0 && event.key === "Tab" && !event.shiftKey) take(Math.max(active, 0));
    else if (active >= 0 && count > 0 && event.key === "Enter" && !event.shiftKey) take(active);
    else if (count > 0 && event.key === "Escape") setClosedAt(asked?.start ?? null);
    else if (event.key === "Enter") onEnter(event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div class="quick-field">
        <div class="mirror" aria-hidden="true">
          {segments(text, pieces).map(({ start, part, kind }) => (kind ? <mark key={start}>{part}</mark> : part))}
        </div>
        <textarea
          ref={field}
          rows={1}
          value={text}
          maxLength={LONGEST_LINE}
          placeholder={says.example}
          enterkeyhint="done"
          aria-label={says.line}
          aria-describedby={describedBy}
          aria-invalid={isWrong ? true : undefined}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={count > 0 ? id : undefined}
          aria-activedescendant={count > 0 && active >= 0 ? `${id}-${active}` : undefined}
          onInput={(event) => {
            setAt(0);
            setMoved(false);
            setClosedAt(null);
            look();
            onInput(event.currentTarget.value.replaceAll(/\s*\n\s*/g, " "));
          }}
          onSelect={look}
          onKeyDown={press}
          onPaste={(event) => {
            const pasted = event.clipboardData?.getData("text/plain") ?? "";
            if (!/\S\s*[\r\n]\s*\S/.test(pasted)) return;
            event.preventDefault();
            const { selectionStart, selectionEnd } = event.currentTarget;
            onPasteLines(text.slice(0, selectionStart) + pasted + text.slice(selectionEnd));
          }}
        />
      </div>
      {count > 0 && asked && (
        <div class="quick-suggestions" role="listbox" id={id} aria-label={says.suggestions[asked.sign]}>
          {found.map((name, index) => (
            <div
              key={name}
              id={`${id}-${index}`}
              class={`menu-item ${index === active ? "active" : ""}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              // The focus stays in the field.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(name)}
            >
              <span>{asked.sign}</span>
              <span>{name}</span>
            </div>
          ))}
          {creates > 0 && (
            <div
              id={`${id}-${found.length}`}
              class={`menu-item ${active === found.length ? "active" : ""}`}
              role="option"
              tabIndex={-1}
              aria-selected={active === found.length}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(found.length)}
            >
              <Icon of={Plus} size={16} />
              <span>{(asked.sign === "#" ? words.value.bar.newList : says.newSection).replace("#", asked.name)}</span>
            </div>
          )}
        </div>
      )}
    </>
  );
}

/** A tag becomes one by being named. A section is one of a list. */
function canCreate(asked: Asked, list: string | null): boolean {
  const { sign, name } = asked;
  if (name.trim() === "" || sign === "@" || (sign === "/" && list === null)) return false;
  return !namesOf(asked, list).some((each) => fold(each) === fold(name));
}

/** Makes the list or section that is named, and gives its name. */
function create({ sign, name }: Asked, list: string | null): string {
  const id = newId();
  if (sign === "#") act({ op: "create", kind: "list", id, list: { name } });
  else if (list) act({ op: "create", kind: "section", id, section: { list_id: list, name } });
  return name;
}

function namesOf({ sign }: Asked, list: string | null): string[] {
  if (sign === "@") return namesIn(all("tag").values());
  if (sign === "#") return namesIn([...all("list").values()].filter((each) => !each.is_archived));
  return namesIn([...all("section").values()].filter((section) => section.list_id === list));
}

function namesIn(things: Iterable<List | Section | Tag>): string[] {
  return [...new Set(inPlace(things).map(({ name }) => name))];
}

function segments(text: string, pieces: readonly Piece[]): { start: number; part: string; kind: Piece["kind"] | null }[] {
  const found: { start: number; part: string; kind: Piece["kind"] | null }[] = [];
  let place = 0;
  for (const { start, end, kind } of pieces) {
    if (start > place) found.push({ start: place, part: text.slice(place, start), kind: null });
    found.push({ start, part: text.slice(start, end), kind });
    place = end;
  }
  // A line break at its end, so that the field is as high as the text.
  return [...found, { start: place, part: `${text.slice(place)}\u200b`, kind: null }];
}
