import { Archive } from "lucide";
import { act } from "../app/acting.ts";
import { to } from "../app/place.ts";
import { all } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Empty } from "../parts/empty.tsx";
import { inPlace } from "../../tasks/views.ts";
import { words } from "../words/words.ts";

/** Lists that are out of the way. They can be looked into, and taken out again. */
export function ArchivedView() {
  const { bar, views } = words.value;
  const lists = inPlace(all("list").values()).filter(({ is_archived }) => is_archived);
  if (lists.length === 0) {
    return (
      <Empty icon={Archive} title={views.archived.title}>
        <p>{views.archived.text}</p>
      </Empty>
    );
  }
  return (
    <ul class="cards">
      {lists.map(({ id, name }) => (
        <li key={id} class="card line">
          <a href={to({ view: "list", id })}>{name}</a>
          <Button onClick={() => act({ op: "update", kind: "list", id, list: { is_archived: false } })}>{bar.restore}</Button>
        </li>
      ))}
    </ul>
  );
}
