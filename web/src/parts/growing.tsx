import type { TextareaHTMLAttributes } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** A field of several lines that is as high as what is in it. */
export function Growing({
  value,
  focused = false,
  class: extra = "",
  ...rest
}: Omit<TextareaHTMLAttributes, "value"> & { value: string; focused?: boolean }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    if (GROWS_BY_ITSELF || !element) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [value]);
  useLayoutEffect(() => {
    const element = field.current;
    if (!focused || !element) return;
    element.focus();
    element.setSelectionRange(element.value.length, element.value.length);
  }, [focused]);
  return <textarea ref={field} rows={1} class={`growing ${extra}`} value={value} {...rest} />;
}
