import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

const BEYOND = 400; // px above and below that are drawn as well, so that scrolling shows no gaps

/**
 * A list of any length, of which only what is on the screen is in the document. Heights are known from the item, and not
 * measured. It scrolls with the nearest element of class `scroll`.
 */
export function Windowed<Item>({
  items,
  heightOf,
  keyOf,
  label,
  row,
}: {
  items: readonly Item[];
  heightOf: (item: Item) => number;
  keyOf: (item: Item) => string;
  label: string;
  row: (item: Item, style: Record<string, string>) => ComponentChildren;
}) {
  const element = useRef<HTMLDivElement>(null);
  const [[from, until], setRange] = useState<readonly [number, number]>([0, innerHeight + BEYOND]);
  const tops = useMemo(() => topsOf(items, heightOf), [items, heightOf]);
  useLayoutEffect(() => {
    const list = element.current;
    const scroller = list?.closest(".scroll");
    if (!list || !scroller) return undefined;
    const look = () => {
      const top = scroller.getBoundingClientRect().top - list.getBoundingClientRect().top;
      setRange([top - BEYOND, top + scroller.clientHeight + BEYOND]);
    };
    look();
    scroller.addEventListener("scroll", look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(scroller);
    return () => {
      scroller.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, []);
  const first = Math.max(0, upTo(tops, from) - 1);
  const last = Math.min(items.length, upTo(tops, until));
  return (
    <div
      ref={element}
      class="rows"
      role="grid"
      aria-label={label}
      aria-rowcount={items.length}
      style={{ blockSize: `${tops.at(-1) ?? 0}px` }}
    >
      {items.slice(first, last).map((item, index) => {
        const at = first + index;
        const [top = 0, next = 0] = [tops[at], tops[at + 1]];
        return <Keyed key={keyOf(item)}>{row(item, { top: `${top}px`, blockSize: `${next - top}px` })}</Keyed>;
      })}
    </div>
  );
}

function Keyed({ children }: { children: ComponentChildren }) {
  return <>{children}</>;
}

/** Where each begins, and at the end how high all are. */
function topsOf<Item>(items: readonly Item[], heightOf: (item: Item) => number): Float64Array {
  const tops = new Float64Array(items.length + 1);
  items.forEach((item, index) => {
    tops[index + 1] = (tops[index] ?? 0) + heightOf(item);
  });
  return tops;
}

/** How many begin before this place. */
function upTo(tops: Float64Array, place: number): number {
  let [low, high] = [0, tops.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
