import { useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { go, to } from "../app/place.ts";
import { all } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import type { Tag } from "../../sync/things.ts";
import { inPlace } from "../../tasks/views.ts";
import { words } from "../words/words.ts";

/** Gives every task that has this tag another one in its place. */
export function MergeTag({ tag, onClose }: { tag: Tag; onClose: () => void }) {
  const says = words.value.bar;
  const others = inPlace(all("tag").values()).filter(({ id }) => id !== tag.id);
  const [into, setInto] = useState(others[0]?.id ?? "");
  const merge = () => {
    onClose();
    act({ op: "merge", kind: "tag", id: tag.id, into }, says.merged.replace("#", tag.name));
    go(to({ view: "tag", id: into }), { replace: true });
  };
  return (
    <Dialog title={says.mergeTag.replace("#", tag.name)} onClose={onClose}>
      <select class="input" aria-label={says.merge} value={into} onChange={(event) => setInto(event.currentTarget.value)}>
        {others.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <div class="dialog-actions">
        <Button onClick={onClose}>{words.value.common.cancel}</Button>
        <Button look="primary" onClick={merge}>
          {says.merge}
        </Button>
      </div>
    </Dialog>
  );
}
