import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { LONGEST_LINE } from "../app/limits.ts";
import { all } from "../app/store.ts";
import type { List, Section, Tag } from "../../sync/things.ts";
import type { Piece } from "../../tasks/quick/understand.ts";
import { inPlace } from "../../tasks/views.ts";
import { words } from "../words/words.ts";
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
  onInput: (text: string) => void;
  onEnter: (opens: boolean) => void;
  /** Several lines at once: the whole text as it would be. */
  onPasteLines: (whole: string) => void;
}) {
  const says = words.value.quick;
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const asked = askedAt(text, caret);
  const found = asked && asked.start !== closedAt ? matching(namesOf(asked, list), asked.name) : [];
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => field.current?.focus(), []);
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
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const name = found[at];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (name !== undefined && step) setAt((at + step + found.length) % found.length);
    else if (name !== undefined && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey))) choose(name);
    else if (name !== undefined && event.key === "Escape") setClosedAt(asked?.start ?? null);
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
          aria-controls={found.length > 0 ? id : undefined}
          aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined}
          onInput={(event) => {
            setAt(0);
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
      {found.length > 0 && asked && (
        <div class="quick-suggestions" role="listbox" id={id} aria-label={says.suggestions[asked.sign]}>
          {found.map((name, index) => (
            <div
              key={name}
              id={`${id}-${index}`}
              class={`menu-item ${index === at ? "active" : ""}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              // The focus stays in the field.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(name)}
            >
              <span>{asked.sign}</span>
              <span>{name}</span>
            </div>
          ))}
        </div>
      )}
    </>
  );
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
