import { useEffect, useRef, useState } from "preact/hooks";
import { Form } from "../account/form.tsx";
import { announce } from "../app/acting.ts";
import { asPerson } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { counted } from "../words/counted.ts";
import { instant } from "../words/instant.ts";
import { language } from "../words/words.ts";
import { isOnline, useAnswer } from "./asking.ts";
import { More, NotTaken } from "./dry_run.tsx";
import { MovingIn } from "./moving_in.tsx";
import { Row, Section } from "./rows.tsx";
import { saysMoving } from "./says.ts";
import { type Import, sum } from "./transfer.ts";

const MS_BETWEEN = 1000;

/** Moving in, and what was moved in in the last days, with how far it is and the way back. */
export function Imports({ onEnd }: { onEnd: () => Promise<void> }) {
  const { imports: title, importsHint, undoOf, undoSure, undoAction } = saysMoving.value;
  const { imports, again } = useImports(onEnd);
  const [undoing, setUndoing] = useState<Import | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const close = () => setUndoing(null);
  const begun = async () => {
    await again();
    place.current?.focus();
  };
  const undo = async ({ id }: Import) => {
    await asPerson("DELETE", `/api/me/imports/${id}`);
    close();
    await begun();
  };
  return (
    <>
      <MovingIn onBegun={begun} />
      {imports.length > 0 && (
        <Section title={title} hint={importsHint}>
          <div ref={place} tabIndex={-1} role="group" aria-label={title}>
            {imports.map((each) => (
              <ImportItem key={each.id} of={each} onUndo={() => setUndoing(each)} />
            ))}
          </div>
        </Section>
      )}
      {undoing && (
        <Dialog title={undoOf.replace("#", undoing.filename)} onClose={close}>
          <p class="dialog-text">{undoSure}</p>
          <Form work={() => undo(undoing)} button={undoAction} look="danger" onCancel={close} />
        </Dialog>
      )}
    </>
  );
}

/** They are asked for again while one is under way, and its end is read out. */
function useImports(onEnd: () => Promise<void>): { imports: readonly Import[]; again: () => Promise<void> } {
  const { answer, refused, again } = useAnswer<{ imports: readonly Import[] }>("/api/me/imports");
  const before = useRef(new Map<string, Import["state"]>());
  useEffect(() => {
    const { finished, isUndone } = saysMoving.value;
    for (const { id, state, filename } of answer?.imports ?? []) {
      const was = before.current.get(id);
      before.current.set(id, state);
      if (was === undefined || was === state) continue;
      if (state === "done") announce(finished.replace("#", filename));
      if (state === "undone") announce(isUndone.replace("#", filename));
      if (state !== "undoing") void onEnd();
    }
    if (!isOnline.value || !answer?.imports.some(({ state }) => state === "running" || state === "undoing")) return undefined;
    const timer = setTimeout(() => void again(), MS_BETWEEN);
    return () => clearTimeout(timer);
  }, [answer, refused, again, onEnd]);
  return { imports: answer?.imports ?? [], again };
}

function ImportItem({ of, onUndo }: { of: Import; onUndo: () => void }) {
  const { formats, undo, undoOf } = saysMoving.value;
  const canUndo = of.state !== "undoing" && of.state !== "undone";
  return (
    <div class="import">
      <Row label={<bdi>{of.filename}</bdi>} hint={[formats[of.format], instant(of.created_at), stateOf(of)].join(" · ")}>
        {canUndo && (
          <Button aria-label={undoOf.replace("#", of.filename)} onClick={onUndo}>
            {undo}
          </Button>
        )}
      </Row>
      {of.state === "running" && <progress aria-label={saysMoving.value.progress.replace("#", of.filename)} max={of.total} value={of.done} />}
      {of.state === "undone" ? <Stayed of={of.stayed} /> : <NotTaken of={of.not_understood} />}
    </div>
  );
}

function stateOf({ state, done, total, kinds, stopped_by, removed }: Import): string {
  const says = saysMoving.value;
  const number = (n: number) => n.toLocaleString(language.value);
  if (state === "running") return says.done.replace("#", number(done)).replace("#", number(total));
  if (state === "stopped") return says.stopped[stopped_by ?? "error"];
  if (state === "undoing") return says.waiting;
  return state === "undone"
    ? counted(language.value, removed, says.undone)
    : counted(language.value, sum(kinds, "made"), says.added);
}

function Stayed({ of: { total, items } }: { of: Import["stayed"] }) {
  if (total === 0) return null;
  return (
    <details class="told" open>
      <summary>{counted(language.value, total, saysMoving.value.stayed)}</summary>
      <ul>
        {items.map(({ id, title }) => (
          <li key={id}>
            <bdi>{title}</bdi>
          </li>
        ))}
        <More than={total - items.length} />
      </ul>
    </details>
  );
}
