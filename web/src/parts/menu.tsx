import { Check, type IconNode } from "lucide";
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { Popover } from "./popover.tsx";

export interface MenuItem {
  label: string;
  icon?: IconNode;
  /** Of a choice: whether it is the one. */
  checked?: boolean | undefined;
  danger?: boolean;
  /** A class of its own, for a colour that says what it is. */
  look?: string;
  key?: string;
  /** A line above it. */
  apart?: boolean;
  choose: () => void;
}

/** Items from top to bottom. Arrows, Home, End and first letters move in it. */
export function Menu({
  anchor,
  label,
  items,
  onClose,
}: {
  anchor: HTMLElement;
  label: string;
  items: readonly MenuItem[];
  onClose: () => void;
}) {
  return (
    <Popover anchor={anchor} onClose={onClose} role="menu" aria-label={label}>
      <div onKeyDown={move}>
        {items.map((item) => (
          <Fragment key={item.label}>
            {item.apart && <hr class="menu-line" />}
            <button
              type="button"
              class={`menu-item ${item.danger ? "danger" : ""} ${item.look ?? ""}`}
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.checked}
              tabIndex={-1}
              onClick={() => {
                onClose();
                item.choose();
              }}
            >
              {item.icon ? <Icon of={item.icon} /> : <span />}
              <span>{item.label}</span>
              {item.checked && <Icon of={Check} size={16} />}
              {item.key && <kbd>{item.key}</kbd>}
            </button>
          </Fragment>
        ))}
      </div>
    </Popover>
  );
}

/** A button with an icon that opens a menu. */
export function MenuButton({
  label,
  icon,
  items,
  class: extra,
}: {
  label: string;
  icon: IconNode;
  items: () => readonly MenuItem[];
  class?: string;
}) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <IconButton
        label={label}
        icon={icon}
        class={extra ?? ""}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      />
      {anchor && <Menu anchor={anchor} label={label} items={items()} onClose={() => setAnchor(null)} />}
    </>
  );
}

function move(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = {
    ArrowDown: items[(at + 1) % items.length],
    ArrowUp: items[(at - 1 + items.length) % items.length],
    Home: items[0],
    End: items.at(-1),
  }[event.key];
  const found = next ?? (event.key.length === 1 ? byFirstLetter(items, at, event.key) : undefined);
  if (!found) return;
  event.preventDefault();
  event.stopPropagation();
  found.focus();
}

function byFirstLetter(items: HTMLElement[], at: number, letter: string): HTMLElement | undefined {
  const from = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return from.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter.toLowerCase()));
}
