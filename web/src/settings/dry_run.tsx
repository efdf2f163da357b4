import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import type { Chosen } from "./moving_in.tsx";
import { saysMoving } from "./says.ts";
import { type Counts, type DryRun, type Kind, type NotUnderstood, sum, whyNot } from "./transfer.ts";

/** What would be made of a file. Nothing is made before it is confirmed. */
export function DryRunPanel({
  chosen: { file, format, found, refused },
  onFormat,
  onImport,
  onCancel,
}: {
  chosen: Chosen;
  onFormat: (format: string) => void;
  onImport: () => Promise<void>;
  onCancel: () => void;
}) {
  const { formats, readAs, recognise, reading, nothing, exceeds, import: action } = saysMoving.value;
  const [isBusy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const begin = async () => {
    if (isBusy) return;
    setBusy(true);
    await onImport();
    setBusy(false);
  };
  const isLooking = found === null && refused === null;
  return (
    <div class="dry-run">
      <h3 ref={heading} tabIndex={-1}>
        <bdi>{file.name}</bdi>
      </h3>
      <div class="field">
        <label for="import-format">{readAs}</label>
        <select
          id="import-format"
          class="input"
          value={format}
          disabled={isBusy}
          onChange={({ currentTarget }) => onFormat(currentTarget.value)}
        >
          {format === "" && <option value="">{recognise}</option>}
          {Object.entries(formats).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <p role="status" class="hint">
        {isLooking && reading}
        {found && sum(found.kinds, "made") === 0 && nothing}
      </p>
      <p role="alert" class="form-error">
        {refused !== null && whyNot(refused, format)}
      </p>
      {found && <Numbers kinds={found.kinds} />}
      {found?.exceeds && <p class="form-error">{exceeds[found.exceeds]}</p>}
      {found && <NotTaken of={found.not_understood} isOpen />}
      {found && <Examples things={found.things} />}
      <div class="dialog-actions">
        <Button onClick={onCancel}>{words.value.common.cancel}</Button>
        {found && sum(found.kinds, "made") > 0 && (
          <Button look="primary" aria-busy={isBusy} onClick={() => void begin()}>
            {action}
          </Button>
        )}
      </div>
    </div>
  );
}

function Numbers({ kinds }: { kinds: DryRun["kinds"] }) {
  const { wouldAdd, kind, kinds: names, columns } = saysMoving.value;
  const shown = (Object.keys(columns) as (keyof Counts)[]).filter(
    (column) => column === "found" || column === "made" || sum(kinds, column) > 0,
  );
  const rows = (Object.keys(names) as Kind[]).flatMap((name) => {
    const counts = kinds[name];
    return counts?.found ? [[name, counts] as const] : [];
  });
  if (rows.length === 0) return null;
  return (
    <table class="numbers">
      <caption class="visually-hidden">{wouldAdd}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="visually-hidden">{kind}</span>
          </th>
          {shown.map((column) => (
            <th key={column} scope="col">
              {columns[column]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, counts]) => (
          <tr key={name}>
            <th scope="row">{names[name]}</th>
            {shown.map((column) => (
              <td key={column}>{counts[column].toLocaleString(language.value)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What is not taken over as it was, line by line. The sentences are the server's. */
export function NotTaken({ of: { total, items }, isOpen = false }: { of: NotUnderstood; isOpen?: boolean }) {
  const { notUnderstood, line: inLine } = saysMoving.value;
  if (total === 0) return null;
  return (
    <details class="told" open={isOpen}>
      <summary>{counted(language.value, total, notUnderstood)}</summary>
      <ul>
        {items.map((each) => (
          <li key={each}>
            <span class="where">
              {[each.line !== null && inLine.replace("#", `${each.line}`), each.of].filter(Boolean).join(" · ")}
            </span>
            <span lang="en">{each.what.replace(/`([^`]*)`/g, "“$1”")}</span>
          </li>
        ))}
        <More than={total - items.length} />
      </ul>
    </details>
  );
}

function Examples({ things }: { things: DryRun["things"] }) {
  const { examples, isThere, line: inLine, kinds } = saysMoving.value;
  const { inbox } = words.value.views;
  if (things.length === 0) return null;
  return (
    <details class="told">
      <summary>{counted(language.value, things.length, examples)}</summary>
      <ul>
        {things.map(({ kind, id, title, list, line, is_there }) => (
          <li key={id}>
            <bdi>{title}</bdi>
            <span class="where">
              {[
                kind === "task" ? (list ?? inbox.name) : kinds[kind],
                line !== null && inLine.replace("#", `${line}`),
                is_there && isThere,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The server tells the first of a long list. */
export function More({ than }: { than: number }) {
  return than > 0 ? <li class="where">{counted(language.value, than, saysMoving.value.notShown)}</li> : null;
}
