import { logInOpen } from "./ended_session.tsx";
import { BASE } from "../app/server.ts";
import { Dialog } from "../parts/dialog.tsx";
import { words } from "../words/words.ts";
import { LogInForm } from "./log_in.tsx";

/** The log-in over the tasks. */
export function EndedDialog() {
  const says = words.value.account.ended;
  const close = () => {
    logInOpen.value = false;
  };
  return (
    <Dialog title={says.title} onClose={close}>
      <p class="dialog-text">{says.text}</p>
      <LogInForm onClose={close} />
      <p class="dialog-below">
        <a href={`${BASE}/account/reset-password`}>{words.value.account.forgotten}</a>
      </p>
    </Dialog>
  );
}
