import { useState } from "preact/hooks";
import { CalDAVSection } from "./caldav.tsx";
import { CalendarSection } from "./calendar.tsx";
import { NeedsServer } from "./rows.tsx";
import { SessionsSection } from "./sessions.tsx";
import { TokensSection } from "./tokens.tsx";

/** Who else gets in: devices that are logged in, programs, and whoever has the address of the calendar. */
export function SecurityPage() {
  const [made, setMade] = useState(0);
  return (
    <NeedsServer>
      <SessionsSection />
      <TokensSection key={made} />
      <CalDAVSection onMade={() => setMade((before) => before + 1)} />
      <CalendarSection />
    </NeedsServer>
  );
}
