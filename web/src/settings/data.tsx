import "./moving.css";
import { useId, useState } from "preact/hooks";
import { sentence } from "../account/refused.ts";
import { toast } from "../app/acting.ts";
import { BASE } from "../app/server.ts";
import { token } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { language } from "../words/words.ts";
import { useAnswer } from "./asking.ts";
import { Imports } from "./imports.tsx";
import { NeedsServer, Row, Section } from "./rows.tsx";
import { says, saysMoving } from "./says.ts";

type Numbers = Record<"tasks" | "lists" | "sections" | "tags" | "filters" | "stored_bytes", number>;
interface Usage extends Numbers {
  limits: { [Each in keyof Numbers]: number | null };
}

/** Moving in and out, and what there is of a person in figures. */
export function DataPage() {
  const { usage: title } = says.value.data;
  const { answer: usage, again } = useAnswer<Usage>("/api/auth/me/usage");
  return (
    <NeedsServer>
      <Imports onEnd={again} />
      <Section title={saysMoving.value.export}>
        <ExportRow />
      </Section>
      <Section title={title}>{usage && <UsageTable usage={usage} />}</Section>
    </NeedsServer>
  );
}

type Format = keyof typeof saysMoving.value.exports;

const ENDINGS: Record<Format, string> = { json: "json", csv: "csv", ics: "ics", todotxt: "txt", markdown: "md" };

function ExportRow() {
  const { exports, format: label, download: action, broken } = saysMoving.value;
  const [format, setFormat] = useState<Format>("json");
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const save = async () => {
    if (isBusy) return;
    setBusy(true);
    await download(format).catch((error: unknown) => toast(error instanceof Cut ? broken : sentence(error)));
    setBusy(false);
  };
  return (
    <Row label={label} hint={exports[format][1]} for={id}>
      <select
        id={id}
        class="input"
        value={format}
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget }) => setFormat(currentTarget.value as Format)}
      >
        {Object.entries(exports).map(([each, [name]]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
      <Button aria-busy={isBusy} onClick={() => void save()}>
        {action}
      </Button>
    </Row>
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

async function download(format: Format): Promise<void> {
  const answer = await fetch(`${BASE}/api/auth/me/export?format=${format}`, {
    headers: { Authorization: `Bearer ${await token()}` },
  });
  const whole = await answer.blob();
  const isCut = format === "json" && !(await whole.slice(-2).text()).trimEnd().endsWith("}");
  if (!answer.ok || isCut) throw new Cut();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(whole);
  link.download = `doable-${Temporal.Now.plainDateISO().toString()}.${ENDINGS[format]}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
