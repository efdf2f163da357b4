import { Copy } from "lucide";
import { useId, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { says } from "./says.ts";

/** A secret that nobody can look at a second time. */
export function ShownOnce({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const { copy, copied, done, tokens } = says.value;
  const take = async () => {
    field.current?.select();
    setCopied(await copyText(secret));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="dialog-text" id={id}>
        {tokens.once}
      </p>
      <div class="secret">
        <input
          ref={field}
          class="input"
          readOnly
          value={secret}
          aria-label={title}
          aria-describedby={id}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button icon={Copy} onClick={() => void take()}>
          {copy}
        </Button>
      </div>
      <p role="status" class="copied">
        {isCopied && copied}
      </p>
      <div class="dialog-actions">
        <Button look="primary" onClick={onClose}>
          {done}
        </Button>
      </div>
    </Dialog>
  );
}

/** On plain http there is no clipboard: then what is selected is copied in the old way. */
async function copyText(secret: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(secret);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
