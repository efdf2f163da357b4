import { Check, type IconNode, Plus } from "lucide";
import { useId, useState } from "preact/hooks";
import { fold } from "./fold.ts";
import { Icon } from "./icon.tsx";
import { Popover } from "./popover.tsx";

export interface Option {
  id: string;
  label: string;
  icon?: IconNode;
  color?: string | null;
  /** What else is said of it, in a quieter voice. */
  hint?: string;
  chosen?: boolean;
}

/** A list to choose from, by typing a part of a name. With `onCreate` what is typed can become a new one. */
export function Picker({
  anchor,
  label,
  options,
  create,
  many = false,
  onChoose,
  onCreate,
  onClose,
}: {
  anchor: HTMLElement;
  label: string;
  options: readonly Option[];
  /** What the last line says, with `#` for what is typed: "New list “#”". */
  create?: string;
  /** Several can be chosen: it stays open. */
  many?: boolean;
  onChoose: (id: string) => void;
  onCreate?: (name: string) => void;
  onClose: () => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const name = typed.trim();
  const found = options.filter((option) => fold(option.label).includes(fold(name)));
  const canCreate = onCreate && name !== "" && !options.some((option) => fold(option.label) === fold(name));
  const length = found.length + (canCreate ? 1 : 0);
  const choose = (index: number) => {
    const option = found[index];
    if (!option && !canCreate) return;
    if (many) setTyped("");
    else onClose();
    if (option) onChoose(option.id);
    else onCreate?.(name);
  };
  const press = (event: KeyboardEvent) => {
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: length - 1 }[event.key];
    if (next !== undefined && length > 0) setAt((next + length) % length);
    else if (event.key === "Enter") choose(at);
    else return;
    event.preventDefault();
  };
  return (
    <Popover anchor={anchor} onClose={onClose} class="picker" role="dialog" aria-label={label}>
      <input
        class="input"
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={length > 0 ? `${id}-${at}` : undefined}
        placeholder={label}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div id={id} role="listbox" aria-label={label} aria-multiselectable={many}>
        {found.map((option, index) => (
          <Choice key={option.id} id={`${id}-${index}`} option={option} active={index === at} onChoose={() => choose(index)} />
        ))}
        {canCreate && (
          <Choice
            id={`${id}-${found.length}`}
            option={{ id: "", label: (create ?? "#").replace("#", name), icon: Plus }}
            active={at === found.length}
            onChoose={() => choose(found.length)}
          />
        )}
      </div>
    </Popover>
  );
}

function Choice({ id, option, active, onChoose }: { id: string; option: Option; active: boolean; onChoose: () => void }) {
  return (
    <div
      id={id}
      class={`menu-item ${active ? "active" : ""}`}
      role="option"
      tabIndex={-1}
      aria-selected={option.chosen ?? false}
      ref={(element) => {
        if (active) element?.scrollIntoView({ block: "nearest" });
      }}
      onClick={onChoose}
    >
      {option.icon ? (
        <Icon of={option.icon} />
      ) : (
        <span class="dot" style={option.color ? { background: option.color } : {}} />
      )}
      <span>{option.label}</span>
      {option.hint && <span class="hint">{option.hint}</span>}
      {option.chosen && <Icon of={Check} size={16} />}
    </div>
  );
}
