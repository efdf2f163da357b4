import { BASE, VERSION } from "../app/server.ts";
import { opensOffline } from "../app/worker.ts";
import { Row, Section } from "./rows.tsx";
import { says } from "./says.ts";

export function AboutPage() {
  const { about } = says.value;
  return (
    <Section>
      <Row label={about.version}>{VERSION}</Row>
      <Row label={about.keys} hint={about.keysHint} />
      <Row label={about.offline} hint={about.opensOffline[opensOffline.value]} />
      <Row label={about.licences}>
        <a href={`${BASE}/licences.md`} target="_blank" rel="noreferrer">
          {about.open}
        </a>
      </Row>
    </Section>
  );
}
