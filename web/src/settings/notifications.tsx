import { useId } from "preact/hooks";
import { SENDS_MAIL } from "../app/server.ts";
import { preferences } from "../app/store.ts";
import { type Me, useAnswer } from "./asking.ts";
import { prefer } from "./preferring.ts";
import { Resend } from "./resend.tsx";
import { ThisDevice } from "./push.tsx";
import { Row, Section, SwitchRow, TimeInput } from "./rows.tsx";
import { says } from "./says.ts";

/** What comes by mail is there where mail can come; or where it is on, to be turned off. */
export function NotificationsPage() {
  const { reminders, digest } = says.value;
  const { reminder_channels: channels, day_reminder_at, digest_at } = preferences.value;
  const { answer: me } = useAnswer<Me>("/api/auth/me");
  const whyNot = whyNoMail(me);
  const toggle = (channel: "push" | "email", on: boolean) =>
    prefer({ reminder_channels: on ? [...channels, channel] : channels.filter((each) => each !== channel) });
  const dayAt = useId();
  const digestAt = useId();
  return (
    <>
      <Section title={reminders.title}>
        <SwitchRow
          label={reminders.push}
          hint={reminders.pushHint}
          on={channels.includes("push")}
          onToggle={(on) => toggle("push", on)}
        />
        <ThisDevice />
        {(SENDS_MAIL || channels.includes("email")) && (
          <SwitchRow
            label={reminders.email}
            hint={whyNot ?? reminders.emailHint.replace("#", me?.email ?? "")}
            on={channels.includes("email")}
            disabled={whyNot !== null && !channels.includes("email")}
            onToggle={(on) => toggle("email", on)}
          />
        )}
        <Row label={reminders.dayAt} hint={reminders.dayAtHint} for={dayAt}>
          <TimeInput id={dayAt} value={day_reminder_at} onChange={(time) => prefer({ day_reminder_at: time })} />
        </Row>
        <QuietRows />
      </Section>
      {(SENDS_MAIL || digest_at !== null) && (
        <Section title={digest.title}>
          <SwitchRow
            label={digest.name}
            hint={whyNot ?? digest.hint}
            on={digest_at !== null}
            disabled={whyNot !== null && digest_at === null}
            onToggle={(on) => prefer({ digest_at: on ? "07:00" : null })}
          />
          {digest_at !== null && (
            <Row label={digest.at} for={digestAt}>
              <TimeInput id={digestAt} value={digest_at} onChange={(time) => prefer({ digest_at: time })} />
            </Row>
          )}
        </Section>
      )}
    </>
  );
}

function QuietRows() {
  const { quiet: name, quietHint, from, until } = says.value.reminders;
  const { quiet } = preferences.value;
  const change = (changes: Partial<NonNullable<typeof quiet>>) => {
    if (!quiet) return;
    const changed = { ...quiet, ...changes };
    if (changed.from !== changed.until) prefer({ quiet: changed });
  };
  return (
    <>
      <SwitchRow
        label={name}
        hint={quietHint}
        on={quiet !== null}
        onToggle={(on) => prefer({ quiet: on ? { from: "22:00", until: "07:00" } : null })}
      />
      {quiet && (
        <Row label={`${from} – ${until}`}>
          <TimeInput label={`${name}: ${from}`} value={quiet.from} onChange={(time) => change({ from: time })} />
          <TimeInput label={`${name}: ${until}`} value={quiet.until} onChange={(time) => change({ until: time })} />
        </Row>
      )}
    </>
  );
}

/** Null: mail can be had. */
function whyNoMail(me: Me | null) {
  const { none, noAddress, unverified, unknown } = says.value.noMail;
  if (!SENDS_MAIL) return none;
  if (!me) return unknown;
  if (me.email === null) return noAddress;
  if (me.email_verified_at !== null) return null;
  return (
    <>
      {unverified} <Resend email={me.email} />
    </>
  );
}
