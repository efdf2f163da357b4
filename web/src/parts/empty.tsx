import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";

/** What an empty view says: what belongs there. */
export function Empty({ icon, title, children }: { icon: IconNode; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon of={icon} size={40} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
