import { useRef } from "preact/hooks";
import { asPerson } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { attempt, useAnswer } from "./asking.ts";
import { deviceOf } from "./device.ts";
import { Row, Section } from "./rows.tsx";
import { says } from "./says.ts";
import { instant } from "../words/instant.ts";

interface Session {
  id: string;
  last_used_at: string;
  user_agent: string | null;
  address: string | null;
  current: boolean;
}

export function SessionsSection() {
  const { sessions } = says.value;
  const { answer, again } = useAnswer<{ sessions: readonly Session[] }>("/api/auth/sessions");
  const place = useRef<HTMLDivElement>(null);
  const found = (answer?.sessions ?? []).toSorted((a, b) => Number(b.current) - Number(a.current));
  const end = async (path: string, said: string) => {
    await attempt(() => asPerson("DELETE", path), said);
    await again();
    // The button that was pressed is gone.
    place.current?.focus();
  };
  return (
    <Section title={sessions.title}>
      <div ref={place} tabIndex={-1}>
        {found.map((session) => {
          const name = deviceOf(session.user_agent) ?? sessions.unknown;
          const said = [session.current ? sessions.here : sessions.used.replace("#", instant(session.last_used_at)), session.address];
          return (
            <Row key={session.id} label={<bdi>{name}</bdi>} hint={said.filter(Boolean).join(" · ")}>
              {!session.current && (
                <Button
                  aria-label={sessions.endOf.replace("#", name)}
                  onClick={() => void end(`/api/auth/sessions/${session.id}`, sessions.ended)}
                >
                  {sessions.end}
                </Button>
              )}
            </Row>
          );
        })}
        {found.length > 1 && (
          <div class="section-action">
            <Button look="danger" onClick={() => void end("/api/auth/sessions", sessions.othersEnded)}>
              {sessions.endOthers}
            </Button>
          </div>
        )}
      </div>
    </Section>
  );
}
