import type { IconNode } from "lucide";
import type { ButtonHTMLAttributes } from "preact";
import { Icon } from "./icon.tsx";

type Attributes = Omit<ButtonHTMLAttributes, "icon">;

export function Button({
  look = "",
  icon,
  children,
  class: extra = "",
  ...rest
}: Attributes & { look?: "" | "primary" | "danger" | "quiet"; icon?: IconNode }) {
  return (
    <button type="button" class={`button ${look} ${extra}`} {...rest}>
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}

/** A button with an icon alone. Its label is read out, and shown to a pointer that rests on it. */
export function IconButton({
  label,
  icon,
  size,
  class: extra = "",
  ...rest
}: Attributes & { label: string; icon: IconNode; size?: number }) {
  return (
    <button type="button" class={`icon-button ${extra}`} aria-label={label} title={label} {...rest}>
      <Icon of={icon} {...(size ? { size } : {})} />
    </button>
  );
}
