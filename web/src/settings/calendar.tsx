import { useState } from "preact/hooks";
import { asPerson } from "../app/session.ts";
import { sentence } from "../account/refused.ts";
import { toast } from "../app/acting.ts";
import { Button } from "../parts/button.tsx";
import { attempt } from "./asking.ts";
import { Row, Section } from "./rows.tsx";
import { says } from "./says.ts";
import { ShownOnce } from "./shown_once.tsx";

const PATH = "/api/me/calendar-token";

/** Whether there is an address already, nobody can tell: the server keeps a digest of it. */
export function CalendarSection() {
  const { calendar } = says.value;
  const [made, setMade] = useState<string | null>(null);
  const make = async () => {
    try {
      setMade((await asPerson<{ url: string }>("POST", PATH)).url);
    } catch (error) {
      toast(sentence(error));
    }
  };
  return (
    <Section title={calendar.title}>
      <Row label={calendar.name} hint={`${calendar.hint} ${calendar.replaces}`}>
        <Button onClick={() => void make()}>{calendar.make}</Button>
        <Button look="danger" onClick={() => void attempt(() => asPerson("DELETE", PATH), calendar.deleted)}>
          {calendar.delete}
        </Button>
      </Row>
      {made !== null && <ShownOnce title={calendar.made} secret={made} onClose={() => setMade(null)} />}
    </Section>
  );
}
