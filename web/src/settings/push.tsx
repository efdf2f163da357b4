import { useState } from "preact/hooks";
import { pushState, turnOff, turnOn } from "../app/push.ts";
import { Button } from "../parts/button.tsx";
import { words } from "../words/words.ts";
import { Row } from "./rows.tsx";

/** Whether this device shows reminders; if it cannot, why. */
export function ThisDevice() {
  const says = words.value.push;
  const [failed, setFailed] = useState(false);
  const state = pushState.value;
  const run = (work: () => Promise<void>) => async () => {
    setFailed(false);
    await work().catch(() => setFailed(true));
  };
  return (
    <Row label={says.title} hint={failed ? says.failed : says[state]}>
      {state === "on" && <Button onClick={run(turnOff)}>{says.turnOff}</Button>}
      {state === "off" && <Button onClick={run(turnOn)}>{says.turnOn}</Button>}
    </Row>
  );
}
