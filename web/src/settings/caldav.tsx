import { Copy, Download } from "lucide";
import { useState } from "preact/hooks";
import { sentence } from "../account/refused.ts";
import { Form, text } from "../account/form.tsx";
import { toast } from "../app/acting.ts";
import { ask, BASE } from "../app/server.ts";
import { asPerson, person } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Row, Section } from "./rows.tsx";
import { says } from "./says.ts";
import { copyText, ToCopy } from "./shown_once.tsx";

/** What an app asks for. Below a path, only the whole address leads there: apps look at the root of a host for the rest. */
const address = () => `${location.origin}${BASE && `${BASE}/dav/`}`;

/** Apps that have tasks of their own, and speak CalDAV. */
export function CalDAVSection({ onMade }: { onMade: () => void }) {
  const { caldav, copy, copied } = says.value;
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={caldav.title} hint={caldav.hint}>
      <Row label={caldav.address} hint={<code class="address">{address()}</code>}>
        <Button icon={Copy} aria-label={caldav.copy} onClick={() => void copyText(address()).then((done) => done && toast(copied))}>
          {copy}
        </Button>
      </Row>
      <div class="section-action">
        <Button onClick={() => setOpen(true)}>{caldav.connect}</Button>
      </div>
      {isOpen && <Connect onMade={onMade} onClose={() => setOpen(false)} />}
    </Section>
  );
}

/** One token for each app, so that one that is lost can be shut out alone. It has no end: an app that stops one day only says that something is wrong. */
function Connect({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { caldav, tokens } = says.value;
  const [token, setToken] = useState<string | null>(null);
  const make = async (sent: FormData) => {
    const body = { name: text(sent, "name").trim(), scopes: ["tasks:read", "tasks:write"] };
    setToken((await asPerson<{ token: string }>("POST", "/api/auth/tokens", body)).token);
    onMade();
  };
  if (token !== null) return <Connecting token={token} onClose={onClose} />;
  return (
    <Dialog title={caldav.connect} onClose={onClose}>
      <Form work={make} button={tokens.make} onCancel={onClose}>
        {(of) => <Field label={tokens.name} name="name" hint={caldav.nameHint} maxLength={100} required error={of("name")} />}
      </Form>
    </Dialog>
  );
}

function Connecting({ token, onClose }: { token: string; onClose: () => void }) {
  const { caldav, done } = says.value;
  const user = person.value?.email ?? person.value?.id ?? "";
  return (
    <Dialog title={caldav.connect} onClose={onClose}>
      {isApple() && <Profile token={token} />}
      <section class="to-connect">
        {isApple() && <h3>{caldav.byHand}</h3>}
        <p class="hint">{caldav.how}</p>
        <ToCopy label={caldav.server} text={address()} isLabelled />
        <ToCopy label={caldav.user} text={user} isLabelled />
        <ToCopy label={caldav.password} text={token} isLabelled />
        {!isApple() && <p class="hint">{caldav.elsewhere}</p>}
      </section>
      <div class="dialog-actions">
        <Button look={isApple() ? "" : "primary"} onClick={onClose}>
          {done}
        </Button>
      </div>
    </Dialog>
  );
}

/** Safari opens a profile only where it goes there itself: so the token goes ahead, in a cookie. */
function Profile({ token }: { token: string }) {
  const { caldav } = says.value;
  const get = async () => {
    try {
      location.assign((await ask<{ path: string }>("POST", "/account/calendar-profile", { token })).path);
    } catch (error) {
      toast(sentence(error));
    }
  };
  return (
    <section class="to-connect">
      <h3>{caldav.profile}</h3>
      <p class="hint">{caldav.profileHint}</p>
      <Button look="primary" icon={Download} onClick={() => void get()}>
        {caldav.getProfile}
      </Button>
      {location.protocol !== "https:" && <p class="hint">{caldav.needsHTTPS}</p>}
    </section>
  );
}

/** An iPad says that it is a Mac. */
const isApple = () => /iPhone|iPad|Macintosh/.test(navigator.userAgent);
