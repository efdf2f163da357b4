import { X } from "lucide";
import { IconButton } from "../parts/button.tsx";
import { words } from "../words/words.ts";
import { announcement, dismiss, toasts, undo } from "./acting.ts";

/** What happened, in one corner, with its way back; and the same for those who do not see it. */
export function Toasts() {
  const common = words.value.common;
  return (
    <>
      <div class="toasts" role="status">
        {toasts.value.map(({ id, text, act }) => (
          <div class="toast" key={id}>
            <span>{text}</span>
            {act && (
              <button type="button" onClick={() => undo(act)}>
                {common.undo}
              </button>
            )}
            <IconButton label={common.close} icon={X} size={16} onClick={() => dismiss(id)} />
          </div>
        ))}
      </div>
      <div class="visually-hidden" role="status">
        {announcement.value}
      </div>
    </>
  );
}
