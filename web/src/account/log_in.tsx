import { useState } from "preact/hooks";
import { go } from "../app/place.ts";
import { BASE, Refused, SIGN_UP_OPEN, TITLE } from "../app/server.ts";
import { logIn, signUp } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { words } from "../words/words.ts";

/** Logging in and signing up. After it the address that was asked for is shown. */
export function LogInPage({ page }: { page: string }) {
  const says = words.value.account;
  const isNew = page === "signup";
  const [refused, setRefused] = useState<Refused | Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement) => {
    const sent = new FormData(form);
    const [email, password, name] = ["email", "password", "name"].map((member) => String(sent.get(member) ?? ""));
    setBusy(true);
    setRefused(null);
    try {
      if (isNew) await signUp(email ?? "", password ?? "", name ?? "");
      else await logIn(email ?? "", password ?? "");
      if (isNew || page === "login") go(`${BASE}/`, { replace: true });
    } catch (error) {
      setRefused(error as Error);
    }
    setBusy(false);
  };
  const of = (member: string) => (refused instanceof Refused ? refused.of(member) : undefined);
  const whole = refused && (refused instanceof Refused ? !refused.problems.length && refused.message : says.offline);
  return (
    <main class="page">
      <p class="brand">{TITLE}</p>
      <h1>{isNew ? says.signUp : says.logIn}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        {isNew && <Field label={says.name} name="name" autoComplete="name" maxLength={100} error={of("name")} />}
        <Field label={says.email} name="email" type="email" autoComplete="username" required error={of("email")} />
        <Field
          label={says.password}
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          required
          error={of("password")}
        />
        {whole && (
          <p class="form-error" role="alert">
            {whole}
          </p>
        )}
        <Button look="primary" type="submit" disabled={isBusy}>
          {isNew ? says.signUp : says.logIn}
        </Button>
      </form>
      {isNew ? (
        <p>
          {says.haveAccount} <a href={`${BASE}/login`}>{says.logIn}</a>
        </p>
      ) : (
        SIGN_UP_OPEN && (
          <p>
            {says.noAccount} <a href={`${BASE}/signup`}>{says.signUp}</a>
          </p>
        )
      )}
    </main>
  );
}
