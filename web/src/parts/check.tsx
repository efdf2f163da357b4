import { Check as CheckIcon, X } from "lucide";
import type { Priority } from "../../sync/things.ts";
import { Icon } from "./icon.tsx";

/** The ring around the check has the colour of the priority. */
export function Check({
  priority,
  completed,
  cancelled = false,
  label,
  focusable = false,
  onToggle,
}: {
  priority: Priority;
  completed: boolean;
  cancelled?: boolean;
  label: string;
  /** In a row it is not: there the keys of the list do it. */
  focusable?: boolean;
  onToggle: (event: MouseEvent) => void;
}) {
  return (
    <button
      type="button"
      role="checkbox"
      class={`check ${priority}`}
      aria-checked={completed}
      aria-label={label}
      tabIndex={focusable ? 0 : -1}
      // By a double click's second one, the task that came in its place would be completed.
      onClick={(event) => {
        if (event.detail <= 1) onToggle(event);
      }}
    >
      <span>
        <Icon of={cancelled ? X : CheckIcon} size={14} />
      </span>
    </button>
  );
}
