import { useState } from "preact/hooks";
import { Form, text } from "../account/form.tsx";
import { toast } from "../app/acting.ts";
import { asPerson, person, remember } from "../app/session.ts";
import { isOffline } from "../app/offline.ts";
import { SENDS_MAIL } from "../app/server.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { words } from "../words/words.ts";
import { isOnline, type Me, useAnswer } from "./asking.ts";
import { ChangeEmail, ChangePassword, DeleteAccount } from "./changing.tsx";
import { LogOut } from "./log_out.tsx";
import { Resend } from "./resend.tsx";
import { NeedsServer, Row, Section } from "./rows.tsx";
import { says } from "./says.ts";

export function AccountPage() {
  const [open, setOpen] = useState<"email" | "password" | "log-out" | "deletion" | null>(null);
  const { answer: me, again } = useAnswer<Me>("/api/auth/me");
  const { change, email, password, logOut, deletion } = says.value;
  const close = () => setOpen(null);
  const address = me ? me.email : (person.value?.email ?? null);
  return (
    <>
      <NeedsServer>
        <Section>
          <NameForm onSaved={() => void again()} />
          {address !== null && (
            <>
              <Row label={email.name} hint={<EmailState me={me} address={address} />}>
                <Button aria-label={email.change} onClick={() => setOpen("email")}>
                  {change}
                </Button>
              </Row>
              <Row label={password.name} hint={password.hint}>
                <Button aria-label={password.change} onClick={() => setOpen("password")}>
                  {change}
                </Button>
              </Row>
            </>
          )}
        </Section>
      </NeedsServer>
      <Section>
        <Row label={logOut.action} hint={logOut.hint}>
          {/* Whose session has ended may still leave this device. */}
          <Button disabled={isOffline.value} onClick={() => setOpen("log-out")}>
            {logOut.action}
          </Button>
        </Row>
        {address !== null && (
          <Row label={deletion.title} hint={deletion.hint}>
            <Button look="danger" disabled={!isOnline.value} onClick={() => setOpen("deletion")}>
              {deletion.action}
            </Button>
          </Row>
        )}
      </Section>
      {open === "email" && <ChangeEmail onClose={close} />}
      {open === "password" && <ChangePassword onClose={close} />}
      {open === "log-out" && <LogOut onClose={close} />}
      {open === "deletion" && <DeleteAccount onClose={close} />}
    </>
  );
}

function EmailState({ me, address }: { me: Me | null; address: string }) {
  const { email } = says.value;
  const state = me && (me.email_verified_at === null ? email.unverified : email.verified);
  return (
    <>
      {[address, state].filter(Boolean).join(" · ")} {SENDS_MAIL && me?.email_verified_at === null && <Resend email={address} />}
    </>
  );
}

function NameForm({ onSaved }: { onSaved: () => void }) {
  const { name, nameSaved } = says.value;
  const save = async (sent: FormData) => {
    const who = await asPerson<Me>("PATCH", "/api/auth/me", { name: text(sent, "name").trim() });
    remember({ id: who.id, email: who.email, name: who.name });
    toast(nameSaved);
    onSaved();
  };
  return (
    <div class="setting name">
      <Form work={save} button={words.value.common.save} look="">
        {(of) => (
          <Field
            label={name}
            name="name"
            autoComplete="name"
            defaultValue={person.value?.name ?? ""}
            maxLength={100}
            required
            error={of("name")}
          />
        )}
      </Form>
    </div>
  );
}
