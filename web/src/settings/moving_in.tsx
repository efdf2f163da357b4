import { FileInput } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { isOnline } from "./asking.ts";
import { DryRunPanel } from "./dry_run.tsx";
import { Section } from "./rows.tsx";
import { saysMoving } from "./says.ts";
import { type DryRun, send } from "./transfer.ts";

export interface Chosen {
  file: File;
  /** As which it is read. "": the server has not recognised it yet. */
  format: string;
  found: DryRun | null;
  refused: unknown;
}

/** A file is chosen or dropped, and looked at before anything is made of it. */
export function MovingIn({ onBegun }: { onBegun: () => Promise<void> }) {
  const { title, hint } = saysMoving.value;
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const latest = useRef(0);
  const look = async (file: File, format: string) => {
    const ours = ++latest.current;
    setChosen({ file, format, found: null, refused: null });
    const next = await send<DryRun>(file, { dry_run: "true", ...(format ? { format } : {}) }).then(
      (found) => ({ file, format: found.format, found, refused: null }),
      (refused: unknown) => ({ file, format, found: null, refused }),
    );
    // Another file, or another format, may have been chosen meanwhile.
    if (ours === latest.current) setChosen(next);
  };
  const leave = () => {
    latest.current += 1;
    setChosen(null);
  };
  const begin = async ({ file, format }: Chosen) => {
    const ours = ++latest.current;
    try {
      await send(file, { format });
    } catch (refused) {
      if (ours === latest.current) setChosen((now) => now && { ...now, refused });
      return;
    }
    if (ours === latest.current) setChosen(null);
    await onBegun();
  };
  const isOver = useDrop((file) => void look(file, ""));
  return (
    <Section title={title} hint={hint}>
      {chosen ? (
        <DryRunPanel
          key={chosen.file}
          chosen={chosen}
          onFormat={(format) => void look(chosen.file, format)}
          onImport={() => begin(chosen)}
          onCancel={leave}
        />
      ) : (
        <Zone isOver={isOver} hasFocus={latest.current > 0} onChoose={(file) => void look(file, "")} />
      )}
    </Section>
  );
}

function Zone({ isOver, hasFocus, onChoose }: { isOver: boolean; hasFocus: boolean; onChoose: (file: File) => void }) {
  const { drop, choose, reads } = saysMoving.value;
  const input = useRef<HTMLInputElement>(null);
  const zone = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // It comes back where the dry run was, and with it what had the focus went.
    if (hasFocus && document.activeElement === document.body) zone.current?.querySelector("button")?.focus();
  }, [hasFocus]);
  return (
    <div ref={zone} class={`drop-zone ${isOver ? "over" : ""}`}>
      <Icon of={FileInput} />
      <p>
        {drop} <Button onClick={() => input.current?.click()}>{choose}</Button>
      </p>
      <p class="hint">{reads}</p>
      <input
        ref={input}
        type="file"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) onChoose(file);
          currentTarget.value = "";
        }}
      />
    </div>
  );
}

/** A file may be dropped anywhere on the page: beside the zone, the browser would open it in place of Doable. */
function useDrop(onFile: (file: File) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFile);
  latest.current = onFile;
  useEffect(() => {
    const ends = new AbortController();
    const listen = (name: "dragover" | "dragleave" | "drop", react: (event: DragEvent) => void) => {
      const ofFiles = (event: DragEvent) => {
        if (event.dataTransfer?.types.includes("Files")) react(event);
      };
      addEventListener(name, ofFiles, { signal: ends.signal });
    };
    listen("dragover", (event) => {
      event.preventDefault();
      setOver(isOnline.value);
    });
    listen("dragleave", ({ relatedTarget }) => relatedTarget === null && setOver(false));
    listen("drop", (event) => {
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file && isOnline.value) latest.current(file);
    });
    return () => ends.abort();
  }, []);
  return isOver;
}
