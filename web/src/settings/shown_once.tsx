import { Copy } from "lucide";
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { says } from "./says.ts";

interface ShownOnceProps {
  title: string;
  secret: string;
  children?: ComponentChildren;
  onClose: () => void;
}

/** A secret that nobody can look at a second time, and what there is to do with it. */
export function ShownOnce({ title, secret, children, onClose }: ShownOnceProps) {
  const id = useId();
  const { done, tokens } = says.value;
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="dialog-text" id={id}>
        {tokens.once}
      </p>
      <ToCopy label={title} text={secret} describedBy={id} />
      {children}
      <div class="dialog-actions">
        <Button look="primary" onClick={onClose}>
          {done}
        </Button>
      </div>
    </Dialog>
  );
}

interface ToCopyProps {
  label: string;
  text: string;
  describedBy?: string;
  /** Whether its label stands above it, where there are several. */
  isLabelled?: boolean;
}

/** A line of text, and a button that copies it. */
export function ToCopy({ label, text, describedBy, isLabelled = false }: ToCopyProps) {
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [isCopied, setCopied] = useState(false);
  const { copy, copied } = says.value;
  const take = async () => {
    field.current?.select();
    setCopied(await copyText(text));
  };
  return (
    <>
      {isLabelled && (
        <label class="secret-label" for={id}>
          {label}
        </label>
      )}
      <div class="secret">
        <input
          ref={field}
          id={id}
          class="input"
          readOnly
          value={text}
          aria-label={isLabelled ? undefined : label}
          aria-describedby={describedBy}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button icon={Copy} aria-label={isLabelled ? `${copy}: ${label}` : undefined} onClick={() => void take()}>
          {copy}
        </Button>
      </div>
      <p role="status" class="copied">
        {isCopied && copied}
      </p>
    </>
  );
}

/** On plain http there is no clipboard: then what is selected is copied in the old way. */
export async function copyText(secret: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(secret);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
