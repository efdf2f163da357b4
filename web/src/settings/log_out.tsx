import { useState } from "preact/hooks";
import { Form } from "../account/form.tsx";
import { turnOff } from "../app/push.ts";
import { endSession, remember } from "../app/session.ts";
import { closeAccount, status } from "../app/store.ts";
import { Dialog } from "../parts/dialog.tsx";
import { counted } from "../words/counted.ts";
import { language } from "../words/words.ts";
import { says } from "./says.ts";

/** Asks what becomes of the copy on this device. What is not sent yet is kept, unless somebody wants it otherwise. */
export function LogOut({ onClose }: { onClose: () => void }) {
  const { logOut } = says.value;
  const { waiting } = status.value;
  const [forget, setForget] = useState(waiting === 0);
  const leave = async () => {
    await turnOff().catch(() => {});
    await endSession();
    await closeAccount({ forget });
    remember(null);
  };
  const choices = [
    [true, logOut.forget, logOut.forgetHint],
    [false, logOut.keep, logOut.keepHint],
  ] as const;
  return (
    <Dialog title={logOut.title} onClose={onClose}>
      {waiting > 0 && <p class="dialog-text">{counted(language.value, waiting, logOut.waiting)}</p>}
      <Form work={leave} button={logOut.action} look={forget && waiting > 0 ? "danger" : "primary"} onCancel={onClose}>
        {() => (
          <fieldset class="bare choices" aria-label={logOut.title}>
            {choices.map(([forgets, label, hint]) => (
              <label key={label}>
                <input type="radio" name="copy" checked={forget === forgets} onChange={() => setForget(forgets)} />
                <span>
                  {label}
                  <span class="hint">{hint}</span>
                </span>
              </label>
            ))}
            <p class="form-error" role="status">
              {forget && waiting > 0 && counted(language.value, waiting, logOut.lost)}
            </p>
          </fieldset>
        )}
      </Form>
    </Dialog>
  );
}
