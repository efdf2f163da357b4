import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * What opens beside the element that opened it: below, or above where there is no room. Escape, a click elsewhere and
 * `onClose` close it, and the focus goes back. It is open while it is rendered.
 */
export function Popover({
  anchor,
  onClose,
  children,
  class: extra = "",
  ...rest
}: {
  anchor: HTMLElement;
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
  role?: "menu" | "dialog" | "listbox";
  "aria-label"?: string;
}) {
  const popover = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = popover.current;
    if (!element) return undefined;
    element.showPopover();
    place(element, anchor);
    const first =
      element.querySelector<HTMLElement>("[autofocus]") ??
      element.querySelector<HTMLElement>("[role^=menuitem], [role=option], input, button");
    (first ?? element).focus();
    return () => {
      // The focus is in it, or nowhere since what had it is gone: then it goes back to where it came from.
      const had = element.contains(document.activeElement) || document.activeElement === document.body;
      if (had && anchor.isConnected) anchor.focus();
    };
  }, [anchor]);
  return (
    <div
      ref={popover}
      popover="auto"
      class={`popover ${extra}`}
      tabIndex={-1}
      onToggle={(event) => {
        if (event.newState === "closed") onClose();
      }}
      {...rest}
    >
      {children}
    </div>
  );
}

/** By script and not by CSS anchors: these are not in every browser that is in use. */
function place(element: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const margin = 8;
  const isRightToLeft = getComputedStyle(anchor).direction === "rtl";
  const wanted = isRightToLeft ? at.right - width : at.left;
  const left = Math.max(margin, Math.min(wanted, innerWidth - width - margin));
  const below = at.bottom + 4;
  const fits = below + height + margin <= innerHeight || at.top < height + margin;
  const top = fits ? Math.min(below, Math.max(margin, innerHeight - height - margin)) : at.top - height - 4;
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
}
