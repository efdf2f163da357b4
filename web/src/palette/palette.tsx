import "./palette.css";
import { useId, useMemo, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";
import { commands } from "./commands.ts";
import { find, type Found } from "./finding.ts";

/** Goes anywhere and does anything by a few letters. */
export function Palette({ onClose }: { onClose: () => void }) {
  const says = words.value.palette;
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const known = useMemo(() => commands(), []);
  const found = find(typed, known);
  const choose = (one: Found | undefined) => {
    if (!one) return;
    onClose();
    // After the dialog has given the focus back, so that what is chosen can take it.
    setTimeout(one.choose);
  };
  const press = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    if (to !== undefined && found.length > 0) setAt((to + found.length) % found.length);
    else if (event.key === "Enter") choose(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={says.title} onClose={onClose} class="palette">
      <input
        class="input"
        role="combobox"
        aria-label={says.title}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined}
        placeholder={says.hint}
        value={typed}
        maxLength={200}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div id={id} class="palette-list" role="listbox" aria-label={says.title}>
        {found.map((one, index) => (
          <div
            key={one.key}
            id={`${id}-${index}`}
            class={`menu-item ${index === at ? "active" : ""}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            ref={(element) => {
              if (index === at) element?.scrollIntoView({ block: "nearest" });
            }}
            onClick={() => choose(one)}
          >
            <Icon of={one.icon} />
            <span>{one.label}</span>
            {one.hint && <span class="hint">{one.hint}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p class="palette-none" role="status">
          {says.nothing}
        </p>
      )}
    </Dialog>
  );
}
