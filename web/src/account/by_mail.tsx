import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ask, BASE, SENDS_MAIL } from "../app/server.ts";
import { person } from "../app/session.ts";
import { Field } from "../parts/field.tsx";
import { words } from "../words/words.ts";
import { Form, text } from "./form.tsx";
import { mailedToken } from "./mailed.ts";
import { Done, Page } from "./page.tsx";

type Which = "reset-password" | "verify-email";

/** The page that a mailed link leads to. Without a token it asks for the address, and has such a link sent. */
export function ByMailPage({ page }: { page: Which }) {
  const token = mailedToken.value;
  const title = words.value.account[page === "reset-password" ? "newPassword" : "verify"].title;
  return (
    <Page title={title}>
      {/* Another link is another attempt. */}
      <Body key={token} page={page} token={token} />
      <p>
        <a href={`${BASE}/login`}>{person.value ? words.value.account.toTasks : words.value.account.logIn}</a>
      </p>
    </Page>
  );
}

function Body({ page, token }: { page: Which; token: string | null }) {
  const says = words.value.account;
  if (page === "reset-password") return token ? <NewPassword token={token} /> : <AskForLink path="/api/auth/password/forgot" says={says.newPassword} />;
  return token ? <Verify token={token} /> : <AskForLink path="/api/auth/email/resend" says={says.verify} />;
}

function AskForLink({ path, says }: { path: string; says: { why: string; isSent: string } }) {
  const { email, noMail, sendLink } = words.value.account;
  return (
    <Until said={SENDS_MAIL ? says.isSent : noMail.isSent}>
      {(onDone) => (
        <>
          <p>{SENDS_MAIL ? says.why : noMail.why}</p>
          <Form
            work={async (sent) => {
              await ask("POST", path, { body: { email: text(sent, "email") } });
              onDone();
            }}
            button={sendLink}
          >
            {(of) => (
              <Field
                label={email}
                name="email"
                type="email"
                autoComplete="username"
                defaultValue={person.value?.email ?? ""}
                required
                error={of("email")}
              />
            )}
          </Form>
        </>
      )}
    </Until>
  );
}

function NewPassword({ token }: { token: string }) {
  const { newPassword, passwordHint } = words.value.account;
  return (
    <Until said={newPassword.isSet}>
      {(onDone) => (
        <Form
          work={async (sent) => {
            await ask("POST", "/api/auth/password/reset", { body: { token, new_password: text(sent, "new_password") } });
            onDone();
          }}
          button={newPassword.set}
        >
          {(of) => (
            <Field
              label={newPassword.title}
              name="new_password"
              type="password"
              autoComplete="new-password"
              hint={passwordHint}
              required
              error={of("new_password")}
            />
          )}
        </Form>
      )}
    </Until>
  );
}

/** By a button, since some mail programs open every link to look at it. */
function Verify({ token }: { token: string }) {
  const { verify } = words.value.account;
  return (
    <Until said={verify.isVerified}>
      {(onDone) => (
        <Form
          work={async () => {
            await ask("POST", "/api/auth/email/verify", { body: { token } });
            onDone();
          }}
          button={verify.do}
        />
      )}
    </Until>
  );
}

function Until({ said, children }: { said: string; children: (onDone: () => void) => ComponentChildren }) {
  const [isDone, setDone] = useState(false);
  return isDone ? <Done>{said}</Done> : <>{children(() => setDone(true))}</>;
}
