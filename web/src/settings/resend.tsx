import { ask } from "../app/server.ts";
import { attempt } from "./asking.ts";
import { says } from "./says.ts";

/** Sends another link that verifies the address. */
export function Resend({ email }: { email: string }) {
  const { resend, isSent } = says.value.noMail;
  const send = () => ask("POST", "/api/auth/email/resend", { body: { email } });
  return (
    <button type="button" class="link" onClick={() => void attempt(send, isSent.replace("#", email))}>
      {resend}
    </button>
  );
}
