import { useState } from "preact/hooks";
import { Form, text } from "../account/form.tsx";
import { Done } from "../account/page.tsx";
import { toast } from "../app/acting.ts";
import { SENDS_MAIL } from "../app/server.ts";
import { asPerson, remember } from "../app/session.ts";
import { closeAccount } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { words } from "../words/words.ts";
import { says } from "./says.ts";

/** The dialogs of what asks for the password once more. */
interface Props {
  onClose: () => void;
}

export function ChangeEmail({ onClose }: Props) {
  const { email, done } = says.value;
  const [mailed, setMailed] = useState<string | null>(null);
  const send = async (sent: FormData) => {
    const new_email = text(sent, "new_email");
    await asPerson("POST", "/api/auth/email", { new_email, password: text(sent, "password") });
    setMailed(new_email);
  };
  return (
    <Dialog title={email.change} onClose={onClose}>
      {mailed === null ? (
        <>
          <p class="dialog-text">{SENDS_MAIL ? email.why : words.value.account.noMail.why}</p>
          <Form work={send} button={email.change} onCancel={onClose}>
            {(of) => (
              <>
                <Field label={email.new} name="new_email" type="email" autoComplete="email" required error={of("new_email")} />
                <PasswordField of={of} />
              </>
            )}
          </Form>
        </>
      ) : (
        <>
          <Done>{SENDS_MAIL ? email.isSent.replace("#", mailed) : email.isKept}</Done>
          <div class="dialog-actions">
            <Button look="primary" onClick={onClose}>
              {done}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

export function ChangePassword({ onClose }: Props) {
  const { password } = says.value;
  const send = async (sent: FormData) => {
    const [current_password, new_password] = [text(sent, "current_password"), text(sent, "new_password")];
    await asPerson("POST", "/api/auth/password", { current_password, new_password });
    toast(password.isSet);
    onClose();
  };
  return (
    <Dialog title={password.change} onClose={onClose}>
      <Form work={send} button={password.change} onCancel={onClose}>
        {(of) => (
          <>
            <PasswordField name="current_password" label={password.current} of={of} />
            <Field
              label={password.new}
              name="new_password"
              type="password"
              autoComplete="new-password"
              hint={words.value.account.passwordHint}
              required
              error={of("new_password")}
            />
          </>
        )}
      </Form>
    </Dialog>
  );
}

/** With the account goes the device's copy. */
export function DeleteAccount({ onClose }: Props) {
  const { deletion } = says.value;
  const send = async (sent: FormData) => {
    await asPerson("DELETE", "/api/auth/me", { password: text(sent, "password") });
    await closeAccount({ forget: true });
    remember(null);
  };
  return (
    <Dialog title={deletion.title} onClose={onClose}>
      <p class="dialog-text">{deletion.why}</p>
      <Form work={send} button={deletion.action} look="danger" onCancel={onClose}>
        {(of) => <PasswordField of={of} />}
      </Form>
    </Dialog>
  );
}

function PasswordField({
  of,
  name = "password",
  label = words.value.account.password,
}: {
  of: (member: string) => string | undefined;
  name?: string;
  label?: string;
}) {
  return <Field label={label} name={name} type="password" autoComplete="current-password" required error={of(name)} />;
}
