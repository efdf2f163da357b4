import type { IconNode } from "lucide";
import { createElement } from "preact";

/** One of lucide's icons. It says nothing to a screen reader: what it stands on has a name. */
export function Icon({ of, size = 18 }: { of: IconNode; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {of.map(([tag, attributes]) => createElement(tag, attributes as Record<string, string>))}
    </svg>
  );
}
