import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { words } from "../words/words.ts";
import { problem, sentence } from "./refused.ts";

/**
 * Fields that are sent to the server, and what it says of each. What it says of none of them stands above the button. `work`
 * gets what was filled in, by the names of the fields.
 */
export function Form({
  work,
  button,
  look = "primary",
  onCancel,
  children,
  below,
}: {
  work: (sent: FormData) => Promise<void>;
  button: string;
  look?: "" | "primary" | "danger";
  onCancel?: () => void;
  children?: (of: (member: string) => string | undefined) => ComponentChildren;
  /** What else can be done, where that was refused. */
  below?: (refused: unknown) => ComponentChildren;
}) {
  const form = useRef<HTMLFormElement>(null);
  const isBusy = useRef(false);
  const [{ refused }, setRefused] = useState<{ refused: unknown }>({ refused: null });
  useEffect(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(), [refused]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy.current || !form.current) return;
    isBusy.current = true;
    setRefused({ refused: null });
    try {
      await work(new FormData(form.current));
    } catch (error) {
      setRefused({ refused: error });
    } finally {
      isBusy.current = false;
    }
  };
  let isSaid = false;
  const fields = children?.((member) => {
    const said = problem(refused, member);
    isSaid ||= said !== undefined;
    return said;
  });
  return (
    <form ref={form} class="form" onSubmit={(event) => void submit(event)}>
      {fields}
      <div role="alert" class="form-error">
        {refused !== null && !isSaid && sentence(refused)}
      </div>
      {refused !== null && below?.(refused)}
      <div class={onCancel ? "dialog-actions" : "form-action"}>
        {onCancel && <Button onClick={onCancel}>{words.value.common.cancel}</Button>}
        <Button look={look} type="submit">
          {button}
        </Button>
      </div>
    </form>
  );
}

/** What was filled in, or "". */
export function text(sent: FormData, name: string): string {
  const value = sent.get(name);
  return typeof value === "string" ? value : "";
}
