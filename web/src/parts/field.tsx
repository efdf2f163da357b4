import type { InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";

/** A labelled line to fill in, with a hint below it and what is wrong with it. */
export function Field({
  label,
  hint,
  error,
  type = "text",
  ...rest
}: {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  name: string;
  type?: "text" | "email" | "password" | "time" | "url" | "number";
  value?: string;
  /** What stands in it at first, where nobody follows what is typed. */
  defaultValue?: string;
  autoComplete?: string;
  maxLength?: number;
  minLength?: number;
  required?: boolean;
  readOnly?: boolean;
  onInput?: (event: InputEvent & { currentTarget: HTMLInputElement }) => void;
}) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
        // Preact has a type of attributes for each type of input, and none for those of which it is one.
        {...({ type, ...rest } as InputHTMLAttributes<HTMLInputElement>)}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
