import { BASE, VERSION } from "../app/server.ts";
import { Row, Section } from "./rows.tsx";
import { says } from "./says.ts";

export function AboutPage() {
  const { about } = says.value;
  return (
    <Section>
      <Row label={about.version}>{VERSION}</Row>
      <Row label={about.keys} hint={about.keysHint} />
      <Row label={about.offline} hint={offlineState()} />
      <Row label={about.licences}>
        <a href={`${BASE}/licences.md`} target="_blank" rel="noreferrer">
          {about.open}
        </a>
      </Row>
    </Section>
  );
}

/** A worker that controls the page has all that the page needs. */
function offlineState(): string {
  const { yes, no, http } = says.value.about.offlineState;
  if (!isSecureContext) return http;
  return navigator.serviceWorker?.controller ? yes : no;
}
