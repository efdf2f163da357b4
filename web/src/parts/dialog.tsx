import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

/** A modal dialog. It is open while it is rendered; Escape, or a click beside it, closes it. The browser keeps the focus in it. */
export function Dialog({
  title,
  onClose,
  children,
  class: extra,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [before] = useState(() => document.activeElement as HTMLElement | null);
  // Not after the picture: what is typed in between would be keys of what is below.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      // The browser gives the focus back only from a dialog that is still in the document.
      if (document.activeElement === document.body) before?.focus({ preventScroll: true });
    };
  }, [before]);
  return (
    <dialog
      ref={dialog}
      class={extra}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // Escape in a dialog that nobody has touched: Chromium closes it and does not ask.
      onClose={(event) => {
        if (event.currentTarget.isConnected) onClose();
      }}
      onPointerDown={(event) => {
        const { target, currentTarget } = event;
        if (target === currentTarget && isBeside(event, currentTarget)) onClose();
      }}
    >
      <h2 id={id} class="dialog-title">
        {title}
      </h2>
      {children}
    </dialog>
  );
}

function isBeside(event: PointerEvent, dialog: HTMLElement): boolean {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom;
}
