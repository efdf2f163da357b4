import { useState } from "preact/hooks";
import { sentence } from "../account/refused.ts";
import { toast } from "../app/acting.ts";
import { BASE } from "../app/server.ts";
import { token } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { language } from "../words/words.ts";
import { useAnswer } from "./asking.ts";
import { Row } from "./rows.tsx";
import { says } from "./says.ts";

type Numbers = Record<"tasks" | "lists" | "sections" | "tags" | "filters" | "stored_bytes", number>;
interface Usage extends Numbers {
  limits: { [Each in keyof Numbers]: number | null };
}

/** What there is of a person, as a file and in figures. */
export function DataRows() {
  const { data } = says.value;
  const [isBusy, setBusy] = useState(false);
  const { answer: usage } = useAnswer<Usage>("/api/auth/me/usage");
  const save = async () => {
    if (isBusy) return;
    setBusy(true);
    await download().catch((error: unknown) => toast(error instanceof Cut ? data.broken : sentence(error)));
    setBusy(false);
  };
  return (
    <>
      <Row label={data.export} hint={data.exportHint}>
        <Button aria-busy={isBusy} onClick={() => void save()}>
          {data.download}
        </Button>
      </Row>
      <Row label={data.usage}>{usage && <UsageTable usage={usage} />}</Row>
    </>
  );
}

function UsageTable({ usage }: { usage: Usage }) {
  const { kinds, stored, of } = says.value.data;
  const counts = Object.entries(kinds).map(([kind, name]) => [name, kind as keyof Numbers, number] as const);
  return (
    <dl class="usage">
      {[...counts, [stored, "stored_bytes", size] as const].map(([name, member, said]) => {
        const limit = usage.limits[member];
        return (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{limit === null ? said(usage[member]) : of.replace("#", said(usage[member])).replace("#", said(limit))}</dd>
          </div>
        );
      })}
    </dl>
  );
}

const number = (n: number): string => n.toLocaleString(language.value);

function size(bytes: number): string {
  const [n, unit] = bytes < 1_000_000 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return n.toLocaleString(language.value, { style: "unit", unit, maximumFractionDigits: n < 10 ? 1 : 0 });
}

/** The document is sent as it is read: one that does not end as it should was cut off. */
class Cut extends Error {}

async function download(): Promise<void> {
  const answer = await fetch(`${BASE}/api/auth/me/export`, { headers: { Authorization: `Bearer ${await token()}` } });
  const whole = await answer.blob();
  if (!answer.ok || !(await whole.slice(-2).text()).trimEnd().endsWith("}")) throw new Cut();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(whole);
  link.download = `doable-${Temporal.Now.plainDateISO().toString()}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
