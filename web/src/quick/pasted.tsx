import { useEffect, useRef } from "preact/hooks";
import { LONGEST_LINE } from "../app/limits.ts";
import { Button } from "../parts/button.tsx";
import { counted } from "../words/counted.ts";
import { QUICK } from "../words/quick.ts";
import { language, words } from "../words/words.ts";

/** So many are shown. All of them are added. */
const SHOWN = 100;

/** Several lines were pasted: a task each, or one of all. */
export function Pasted({
  lines,
  onAdd,
  onJoin,
  onCancel,
}: {
  lines: readonly string[];
  onAdd: () => void;
  onJoin: (line: string) => void;
  onCancel: () => void;
}) {
  const quick = QUICK[language.value];
  const { common } = words.value;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.querySelector<HTMLElement>(".primary")?.focus(), []);
  const joined = lines.join(" ");
  const isTooLong = joined.length > LONGEST_LINE;
  const count = (forms: { one: string; other: string }) => counted(language.value, lines.length, forms);
  return (
    <div class="quick-form" ref={element}>
      <h2>{count(quick.pasted)}</h2>
      <ol class="quick-lines">
        {lines.slice(0, SHOWN).map((line, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- lines may be alike, and none moves
          <li key={index}>{line}</li>
        ))}
      </ol>
      {lines.length > SHOWN && <p class="hint">{counted(language.value, lines.length - SHOWN, quick.more)}</p>}
      {isTooLong && <p class="hint">{quick.notTooLong}</p>}
      <div class="quick-actions">
        <Button look="quiet" onClick={onCancel}>
          {common.cancel}
        </Button>
        <Button disabled={isTooLong} onClick={() => onJoin(joined)}>
          {quick.asOne}
        </Button>
        <Button look="primary" onClick={onAdd}>
          {count(quick.addMany)}
        </Button>
      </div>
    </div>
  );
}
