import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useDropOn } from "../list/dragging.ts";
import { place, to, type View } from "../app/place.ts";
import { Icon } from "../parts/icon.tsx";
import { language } from "../words/words.ts";
import { paintedCountOf } from "./counts.ts";

/** A link to a view, with how many open tasks are in it. */
export function NavLink({
  view,
  icon,
  color = null,
  children,
}: {
  view: View;
  icon?: IconNode | undefined;
  color?: string | null;
  children: ComponentChildren;
}) {
  const now = place.value;
  const isHere = now.area === "tasks" && to(now) === to(view);
  const tint = color ? { color } : {};
  const element = useRef<HTMLAnchorElement>(null);
  const isOver = useDropOn(element, { kind: "view", view });
  return (
    <a ref={element} class={`nav-link ${isOver ? "drop-inside" : ""}`} href={to(view)} aria-current={isHere ? "page" : undefined}>
      {icon ? (
        <span style={tint}>
          <Icon of={icon} />
        </span>
      ) : (
        <span class="dot" style={color ? { background: color } : {}} />
      )}
      <span>{children}</span>
      <Count view={view} />
    </a>
  );
}

/** By itself, since with each change of a task it is looked at for every link. */
function Count({ view }: { view: View }) {
  const count = paintedCountOf(view);
  return count > 0 ? <span class="count">{count.toLocaleString(language.value)}</span> : null;
}
