import { Trash2 } from "lucide";
import { useRef, useState } from "preact/hooks";
import { Form, text } from "../account/form.tsx";
import { asPerson } from "../app/session.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { counted } from "../words/counted.ts";
import { localeOf } from "../words/dates.ts";
import { language, words } from "../words/words.ts";
import { attempt, useAnswer } from "./asking.ts";
import { assistantAddress, ForAssistant } from "./assistant.tsx";
import { dayOf, instant } from "../words/instant.ts";
import { Row, Section } from "./rows.tsx";
import { says } from "./says.ts";
import { ShownOnce } from "./shown_once.tsx";

const SCOPES = ["tasks:read", "tasks:write", "account"] as const;
const DAYS = [30, 90, 365] as const;

interface Token {
  id: string;
  name: string;
  scopes: readonly (typeof SCOPES)[number][];
  expires_at: string | null;
  last_used_at: string | null;
}

export function TokensSection() {
  const { tokens } = says.value;
  const { answer, again } = useAnswer<{ tokens: readonly Token[] }>("/api/auth/tokens");
  const [open, setOpen] = useState<"new" | Token | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const close = () => setOpen(null);
  const remove = async ({ id }: Token) => {
    close();
    await attempt(() => asPerson("DELETE", `/api/auth/tokens/${id}`), tokens.deleted);
    await again();
    place.current?.focus();
  };
  return (
    <Section title={tokens.title} hint={tokens.hint}>
      <div ref={place} tabIndex={-1}>
        {answer?.tokens.map((token) => (
          <Row key={token.id} label={<bdi>{token.name}</bdi>} hint={saidOf(token)}>
            <IconButton label={tokens.delete.replace("#", token.name)} icon={Trash2} onClick={() => setOpen(token)} />
          </Row>
        ))}
      </div>
      <Row label={tokens.assistant.address} hint={tokens.assistant.hint}>
        <code class="address">{assistantAddress()}</code>
      </Row>
      <div class="section-action">
        <Button onClick={() => setOpen("new")}>{tokens.new}</Button>
      </div>
      {open === "new" && <NewToken onMade={() => void again()} onClose={close} />}
      {open !== null && open !== "new" && (
        <Dialog title={tokens.delete.replace("#", open.name)} onClose={close}>
          <p class="dialog-text">{tokens.deleteSure.replace("#", open.name)}</p>
          <Form work={() => remove(open)} button={words.value.common.delete} look="danger" onCancel={close} />
        </Dialog>
      )}
    </Section>
  );
}

function saidOf({ scopes, expires_at, last_used_at }: Token): string {
  const { tokens } = says.value;
  const isOver = expires_at !== null && Temporal.Instant.compare(Temporal.Instant.from(expires_at), Temporal.Now.instant()) < 0;
  const ends = expires_at === null ? tokens.noEnd : isOver ? tokens.expired : tokens.expires.replace("#", dayOf(expires_at));
  const used = last_used_at === null ? tokens.unused : tokens.used.replace("#", instant(last_used_at));
  return [scopes.join(", "), ends, used].join(" · ");
}

function NewToken({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { tokens } = says.value;
  const [made, setMade] = useState<{ token: string; isForTasks: boolean } | null>(null);
  const make = async (sent: FormData) => {
    const days = Number(text(sent, "days"));
    const expires_at = days ? Temporal.Now.instant().add({ hours: 24 * days }).toString() : null;
    const body = { name: text(sent, "name").trim(), scopes: sent.getAll("scopes"), expires_at };
    const { token } = await asPerson<{ token: string }>("POST", "/api/auth/tokens", body);
    setMade({ token, isForTasks: sent.getAll("scopes").some((scope) => scope !== "account") });
    onMade();
  };
  if (made !== null)
    return (
      <ShownOnce title={tokens.made} secret={made.token} onClose={onClose}>
        {made.isForTasks && <ForAssistant token={made.token} />}
      </ShownOnce>
    );
  return (
    <Dialog title={tokens.new} onClose={onClose}>
      <Form work={make} button={tokens.make} onCancel={onClose}>
        {(of) => (
          <>
            <Field label={tokens.name} name="name" hint={tokens.nameHint} maxLength={100} required error={of("name")} />
            <Scopes error={of("scopes") && tokens.oneScope} />
            <div class="field">
              <label for="token-days">{tokens.ends}</label>
              <select id="token-days" name="days" class="input">
                {DAYS.map((days) => (
                  <option key={days} value={days}>
                    {until(days)}
                  </option>
                ))}
                <option value="0">{tokens.noEnd}</option>
              </select>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}

function until(days: number): string {
  const end = Temporal.Now.plainDateISO().add({ days }).toLocaleString(localeOf(language.value), { dateStyle: "medium" });
  return `${end} (${counted(language.value, days, says.value.tokens.days)})`;
}

function Scopes({ error }: { error: string | undefined }) {
  const { tokens } = says.value;
  return (
    <fieldset class="field choices" aria-describedby={error && "scopes-error"}>
      <legend>{tokens.scopes}</legend>
      {SCOPES.map((scope) => (
        <label key={scope}>
          <input
            type="checkbox"
            name="scopes"
            value={scope}
            defaultChecked={scope === "tasks:read"}
            aria-invalid={error ? true : undefined}
          />
          <span>
            {tokens.scope[scope]}
            <span class="hint">
              <code>{scope}</code>
            </span>
          </span>
        </label>
      ))}
      {error && (
        <p class="error" id="scopes-error">
          {error}
        </p>
      )}
    </fieldset>
  );
}
