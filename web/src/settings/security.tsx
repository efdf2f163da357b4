import { CalendarSection } from "./calendar.tsx";
import { NeedsServer } from "./rows.tsx";
import { SessionsSection } from "./sessions.tsx";
import { TokensSection } from "./tokens.tsx";

/** Who else gets in: devices that are logged in, programs, and whoever has the address of the calendar. */
export function SecurityPage() {
  return (
    <NeedsServer>
      <SessionsSection />
      <TokensSection />
      <CalendarSection />
    </NeedsServer>
  );
}
