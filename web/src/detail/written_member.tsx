import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { useLeaving } from "./leaving.ts";

/** A member that is written rather than chosen. What cannot be read stays in the field, with what is wrong with it. */
export function WrittenMember<Value>({
  icon,
  label,
  unset,
  value,
  read,
  error,
  inputMode = "text",
  onChange,
  children,
}: {
  icon: IconNode;
  label: string;
  unset: string;
  value: string;
  read: (text: string) => Value | null;
  error: string;
  inputMode?: "text" | "url";
  onChange: (value: Value | null) => void;
  children?: ComponentChildren;
}) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [isWrong, setWrong] = useState(false);
  const finish = () => {
    if (text === null) return;
    const found = text.trim() ? read(text) : null;
    const cannotBeRead = text.trim() !== "" && found === null;
    setWrong(cannotBeRead);
    if (cannotBeRead) return;
    setText(null);
    if (text.trim() !== value) onChange(found);
  };
  useLeaving(finish);
  return (
    <div class="member-line">
      <label class={`member written ${value || text ? "" : "unset"}`}>
        <Icon of={icon} />
        <input
          aria-label={label}
          placeholder={unset}
          inputMode={inputMode}
          value={text ?? value}
          aria-invalid={isWrong ? true : undefined}
          aria-describedby={isWrong ? id : undefined}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
          onBlur={finish}
          onKeyDown={(event) => {
            if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
            event.stopPropagation();
            if (event.key === "Enter") return finish();
            setText(null);
            setWrong(false);
            event.currentTarget.closest<HTMLElement>(".detail")?.focus();
          }}
        />
      </label>
      {children}
      {isWrong && (
        <p class="error" id={id} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
