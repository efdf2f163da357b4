import "./quick.css";
import { useLayoutEffect, useRef } from "preact/hooks";
import { openTask } from "../app/place.ts";
import type { Adds } from "../list/lines.ts";
import { typed } from "./quick_add.tsx";
import { QuickForm } from "./quick_form.tsx";

/** The line in the place where its tasks come to stand. It stays open for the next one; Escape, or a click elsewhere, closes it. */
export function QuickLine({
  adds,
  takesFocus = true,
  onHeight,
  onClose,
}: {
  adds: Adds;
  takesFocus?: boolean;
  /** How high it is, whenever that changes. */
  onHeight?: (height: number) => void;
  /** `byKey`: the focus goes back to what opened it. */
  onClose: (byKey: boolean) => void;
}) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef({ onHeight, onClose });
  latest.current = { onHeight, onClose };
  // Not an effect: that would end after the height of what is gone is told.
  useLayoutEffect(() => {
    const own = element.current;
    if (!own) return undefined;
    const resized = new ResizeObserver(() => {
      latest.current.onHeight?.(own.offsetHeight);
      // Once the line around it is as high, and can be scrolled to.
      requestAnimationFrame(() => {
        if (own.contains(document.activeElement)) own.scrollIntoView({ block: "nearest" });
      });
    });
    resized.observe(own);
    // Not when the focus leaves: what was pointed at would move away before the click on it has ended.
    const look = ({ target }: Event) => {
      if (typed.value.text === "" && target instanceof Element && target.isConnected && !own.contains(target)) latest.current.onClose(false);
    };
    document.addEventListener("click", look);
    return () => {
      resized.disconnect();
      document.removeEventListener("click", look);
    };
  }, []);
  return (
    <div
      ref={element}
      class="quick-line"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || (event.target as Element).closest("[popover]")) return;
        event.preventDefault();
        onClose(true);
      }}
    >
      <QuickForm
        adds={adds}
        takesFocus={takesFocus}
        onClose={() => onClose(true)}
        onOpen={(id) => {
          onClose(false);
          openTask(id);
        }}
      />
    </div>
  );
}
