import { useState } from "preact/hooks";
import { BASE, ask, Refused } from "../app/server.ts";
import { logIn, person, signUp } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { words } from "../words/words.ts";
import { Form, text } from "./form.tsx";
import { Done, Page } from "./page.tsx";
import { sentence } from "./refused.ts";

/** After it the address that was asked for is shown: whoever is logged in is followed in `app.tsx`. */
export function LogInPage() {
  const says = words.value.account;
  return (
    <Page title={says.logIn}>
      <LogInForm />
      <p>
        <a href={`${BASE}/account/reset-password`}>{says.forgotten}</a>
      </p>
      <p>
        {says.noAccount} <a href={`${BASE}/signup`}>{says.signUp}</a>
      </p>
    </Page>
  );
}

/** With `onClose` it stands in a dialog. */
export function LogInForm({ onClose }: { onClose?: () => void }) {
  const says = words.value.account;
  return (
    <Form
      work={async (sent) => {
        await logIn(text(sent, "email"), text(sent, "password"));
        onClose?.();
      }}
      button={says.logIn}
      {...(onClose ? { onCancel: onClose } : {})}
      below={(refused) => refused instanceof Refused && refused.code === "email_not_verified" && <Resend />}
    >
      {(of) => (
        <>
          <Field
            label={says.email}
            name="email"
            type="email"
            autoComplete="username"
            defaultValue={person.value?.email ?? ""}
            required
            error={of("email")}
          />
          <Field
            label={says.password}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            error={of("password")}
          />
        </>
      )}
    </Form>
  );
}

export function SignUpPage() {
  const says = words.value.account;
  const [mailed, setMailed] = useState<string | null>(null);
  if (mailed !== null) return <MailSent email={mailed} />;
  return (
    <Page title={says.signUp}>
      <SignUpForm onMailed={setMailed} />
      <p>
        {says.haveAccount} <a href={`${BASE}/login`}>{says.logIn}</a>
      </p>
    </Page>
  );
}

function SignUpForm({ onMailed }: { onMailed: (email: string) => void }) {
  const says = words.value.account;
  const work = async (sent: FormData) => {
    const who = await signUp(text(sent, "email"), text(sent, "password"), text(sent, "name").trim());
    if (!who) onMailed(text(sent, "email"));
  };
  return (
    <Form work={work} button={says.signUp}>
      {(of) => (
        <>
          <Field
            label={says.name}
            name="name"
            autoComplete="name"
            maxLength={100}
            hint={says.nameHint}
            error={of("name")}
          />
          <Field label={says.email} name="email" type="email" autoComplete="username" required error={of("email")} />
          <Field
            label={says.password}
            name="password"
            type="password"
            autoComplete="new-password"
            hint={says.passwordHint}
            required
            error={of("password")}
          />
        </>
      )}
    </Form>
  );
}

/** Nobody may log in before the address is verified. */
function MailSent({ email }: { email: string }) {
  const says = words.value.account;
  return (
    <Page title={says.sent.title}>
      <Done>{says.sent.text.replace("#", email)}</Done>
      <Resend email={email} />
      <p>
        <a href={`${BASE}/login`}>{says.logIn}</a>
      </p>
    </Page>
  );
}

/** Another mail to verify the address: this one, or the one in the form that it stands in. */
function Resend({ email }: { email?: string }) {
  const { again, isSent } = words.value.account.sent;
  const [said, setSaid] = useState("");
  const send = async (button: HTMLButtonElement) => {
    const to = email ?? (button.form ? text(new FormData(button.form), "email") : "");
    setSaid("");
    await ask("POST", "/api/auth/email/resend", { body: { email: to } })
      .then(() => setSaid(isSent))
      .catch((error: unknown) => setSaid(sentence(error)));
  };
  return (
    <>
      <Button onClick={(event) => void send(event.currentTarget)}>{again}</Button>
      <p role="status">{said}</p>
    </>
  );
}
