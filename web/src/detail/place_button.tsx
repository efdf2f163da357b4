import "./place_button.css";
import { ChevronsUpDown, Inbox } from "lucide";
import type { RefObject } from "preact";
import { get } from "../app/store.ts";
import { ListPicker, type Where } from "../list/pickers.tsx";
import { Icon } from "../parts/icon.tsx";
import { placeName } from "./doing.ts";

/** Says in which list and section something is; another is chosen beside it while there is an `anchor`. */
export function PlaceButton({
  label,
  chosen,
  anchor,
  button,
  onAnchor,
  onChoose,
  onCreate,
}: {
  label: string;
  chosen: Where;
  anchor: HTMLElement | null;
  button?: RefObject<HTMLButtonElement | null>;
  onAnchor: (anchor: HTMLElement | null) => void;
  onChoose: (to: Where) => void;
  /** As of the ListPicker. */
  onCreate?: (name: string) => void;
}) {
  const { list_id, section_id } = chosen;
  const name = placeName(list_id, section_id);
  const color = get("list", list_id)?.color;
  return (
    <>
      <button
        type="button"
        class="place-button"
        {...(button ? { ref: button } : {})}
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        aria-label={`${label}: ${name}`}
        onClick={(event) => onAnchor(event.currentTarget)}
      >
        {list_id === null ? <Icon of={Inbox} size={16} /> : <span class="dot" style={color ? { background: color } : {}} />}
        <span>{name}</span>
        <Icon of={ChevronsUpDown} size={14} />
      </button>
      {anchor && (
        <ListPicker
          anchor={anchor}
          chosen={chosen}
          onChoose={onChoose}
          {...(onCreate ? { onCreate } : {})}
          onClose={() => onAnchor(null)}
        />
      )}
    </>
  );
}
