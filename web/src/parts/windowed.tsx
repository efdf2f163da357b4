import { type ComponentChildren, Fragment } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

const BEYOND = 300; // px above and below that are drawn as well, so that scrolling shows no gaps

/**
 * A list of any length, of which only what is on the screen is in the document. Heights are known from the item, and not
 * measured. It scrolls with the nearest element of class `scroll`.
 */
export function Windowed<Item>({
  items,
  heightOf,
  keyOf,
  keep,
  label,
  row,
}: {
  items: readonly Item[];
  heightOf: (item: Item) => number;
  keyOf: (item: Item) => string;
  /** The index of an item that is in the document wherever it is: the one with the focus. */
  keep: number;
  label: string;
  row: (item: Item, style: Record<string, string>, index: number) => ComponentChildren;
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
      role="treegrid"
      aria-label={label}
      aria-rowcount={items.length}
      style={{ blockSize: `${tops.at(-1) ?? 0}px` }}
    >
      {indices(first, last, keep).map((at) => {
        const item = items[at];
        if (item === undefined) return null;
        const [top = 0, next = 0] = [tops[at], tops[at + 1]];
        const style = { insetBlockStart: `${top}px`, blockSize: `${next - top}px` };
        return <Fragment key={keyOf(item)}>{row(item, style, at)}</Fragment>;
      })}
    </div>
  );
}

function indices(first: number, last: number, keep: number): number[] {
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  if (keep >= 0 && keep < first) shown.unshift(keep);
  if (keep >= last) shown.push(keep);
  return shown;
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
