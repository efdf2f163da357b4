import "./palette.css";
import { X } from "lucide";
import { keysNow, shown } from "../app/keys.ts";
import { IconButton } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { words } from "../words/words.ts";

const GROUPS = ["go", "do", "task"] as const;

/** All keys that work at present, from the table by which they work. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  const says = words.value.palette;
  const keys = keysNow();
  return (
    <Dialog title={says.keys} onClose={onClose} class="keys-help">
      <IconButton class="close" label={words.value.common.close} icon={X} onClick={onClose} />
      {GROUPS.map((group) => {
        const ours = keys.filter((key) => key.group === group && key.does);
        return (
          ours.length > 0 && (
            <section key={group}>
              <h3>{says.groups[group]}</h3>
              <dl>
                {ours.map((key) => (
                  <div key={key.keys}>
                    <dt>{key.does?.()}</dt>
                    <dd>
                      <kbd>{shown(key.keys)}</kbd>
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          )
        );
      })}
    </Dialog>
  );
}
