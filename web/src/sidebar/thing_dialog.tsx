import { useEffect, useId, useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { filtering, loadFiltering } from "../app/filtering.ts";
import { newId } from "../../sync/ids.ts";
import { go, to } from "../app/place.ts";
import { all } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { keyOf } from "../../sync/texts.ts";
import type { Filter, List, Operation, Tag } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { COLORS } from "./colors.ts";

/** Makes a list, a tag or a filter, or changes one: `thing` is the one that is there. */
export type Edited = { kind: "list"; thing?: List } | { kind: "tag"; thing?: Tag } | { kind: "filter"; thing?: Filter };

export function ThingDialog({ edited, onClose }: { edited: Edited; onClose: () => void }) {
  const says = words.value.bar;
  const { kind, thing } = edited;
  const [name, setName] = useState(thing?.name ?? "");
  const [color, setColor] = useState(thing?.color ?? null);
  const [group, setGroup] = useState((edited.kind === "list" && edited.thing?.group) || "");
  const [query, setQuery] = useState((edited.kind === "filter" && edited.thing?.query) || "");
  const [sort, setSort] = useState((edited.kind === "filter" && edited.thing?.sort) || "");
  const isTaken =
    kind === "tag" && [...all("tag").values()].some((tag) => tag.id !== thing?.id && keyOf(tag.name) === keyOf(name.trim()));
  const wrong = kind === "filter" ? filtering.value?.wrongIn(query) : undefined;
  const complete = name.trim() !== "" && !isTaken && !wrong && (kind !== "filter" || query.trim() !== "");
  const save = () => {
    if (!complete) return;
    onClose();
    const said = { name: name.trim(), color };
    const id = thing?.id ?? newId();
    const members = {
      list: { ...said, group: group.trim() || null },
      tag: said,
      filter: { ...said, query: query.trim(), sort: sort || null },
    }[kind];
    act({ op: thing ? "update" : "create", kind, id, [kind]: members } as Operation);
    if (!thing) go(to({ view: kind, id }));
  };
  return (
    <Dialog title={thing ? says.edit[kind] : says.make[kind]} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field
          label={says.name}
          name="name"
          value={name}
          maxLength={kind === "tag" ? 50 : 100}
          required
          error={isTaken ? says.tagExists : undefined}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        {kind === "list" && <GroupField value={group} onInput={setGroup} />}
        {kind === "filter" && (
          <>
            <QueryField value={query} onInput={setQuery} wrong={wrong} />
            <SortField value={sort} onChange={setSort} />
          </>
        )}
        <ColorField value={color} onChange={setColor} />
        <div class="dialog-actions">
          <Button onClick={onClose}>{words.value.common.cancel}</Button>
          <Button look="primary" type="submit" disabled={!complete}>
            {words.value.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The text of a filter. What is wrong with it is told when it is left or entered, and from then on as one types. */
function QueryField({
  value,
  onInput,
  wrong,
}: {
  value: string;
  onInput: (query: string) => void;
  wrong: { told: string; position: number } | undefined;
}) {
  const says = words.value.bar;
  const [isTold, setTold] = useState(false);
  useEffect(loadFiltering, []);
  const tell = () => setTold(value.trim() !== "");
  return (
    <div onFocusOut={tell} onKeyDown={(event) => event.key === "Enter" && tell()}>
      <Field
        label={says.query}
        name="query"
        value={value}
        maxLength={1000}
        required
        hint={says.queryHint}
        error={isTold && wrong ? says.wrongAt.replace("#", String(wrong.position + 1)).replace("…", () => wrong.told) : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

/** Lists are gathered under the name of their group: one that is there, or a new one. */
function GroupField({ value, onInput }: { value: string; onInput: (group: string) => void }) {
  const id = useId();
  const says = words.value.bar;
  const groups = new Set([...all("list").values()].flatMap(({ group }) => group ?? []));
  return (
    <div class="field">
      <label for={id}>{says.group}</label>
      <input
        id={id}
        class="input"
        list={`${id}-groups`}
        value={value}
        maxLength={100}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <datalist id={`${id}-groups`}>
        {[...groups].map((group) => (
          <option key={group} value={group} />
        ))}
      </datalist>
    </div>
  );
}

const SORTS = ["", "due", "priority", "-created_at", "created_at", "-updated_at"] as const;

function SortField({ value, onChange }: { value: string; onChange: (sort: string) => void }) {
  const id = useId();
  const says = words.value.bar;
  return (
    <div class="field">
      <label for={id}>{says.sort}</label>
      <select id={id} class="input" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {says.sorts[sort]}
          </option>
        ))}
      </select>
    </div>
  );
}

function ColorField({ value, onChange }: { value: string | null; onChange: (color: string | null) => void }) {
  const says = words.value.bar;
  const name = useId();
  // One that another client chose is offered as well.
  const others = value && !COLORS.some(([, color]) => color === value) ? [[value, value] as const] : [];
  return (
    <fieldset class="field">
      <legend>{says.color}</legend>
      <div class="colors">
        {[[null, null] as const, ...COLORS, ...others].map(([word, color]) => (
          <label key={color} class="color" title={labelOf(word)}>
            <input
              type="radio"
              name={name}
              checked={value === color}
              aria-label={labelOf(word)}
              onChange={() => onChange(color)}
            />
            <span style={color ? { background: color } : {}} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function labelOf(word: string | null): string {
  const { colors, noColor } = words.value.bar;
  return word === null ? noColor : word in colors ? colors[word as keyof typeof colors] : word;
}
