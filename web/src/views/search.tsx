import { Search } from "lucide";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { go, place, to } from "../app/place.ts";
import { index } from "../app/store.ts";
import { TaskList } from "../list/task_list.tsx";
import { Empty } from "../parts/empty.tsx";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { shownOf } from "./groups_of.ts";

/** Finds as one types; the words are in the address, so that they can be gone back to. */
export function SearchView() {
  const where = place.value;
  const { common, views } = words.value;
  const q = where.area === "tasks" ? where.q : "";
  const input = useRef<HTMLInputElement>(null);
  const { groups } = shownOf({ view: "search", q });
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const [wasEmpty] = useState(q === "");
  // Not after the picture: a key may come before it.
  useLayoutEffect(() => {
    if (wasEmpty) input.current?.focus();
  }, [wasEmpty]);
  useEffect(prepare, []);
  return (
    <>
      <input
        ref={input}
        class="input search-input"
        type="search"
        aria-label={views.search.name}
        placeholder={views.search.hint}
        value={q}
        maxLength={200}
        onInput={(event) => go(to({ view: "search" }, { q: event.currentTarget.value }), { replace: true })}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          document.querySelector<HTMLElement>(".rows [data-key]")?.focus();
        }}
      />
      <p class="visually-hidden" role="status">
        {q && counted(language.value, count, common.found)}
      </p>
      {count > 0 ? (
        <TaskList groups={groups} showsList />
      ) : (
        q.trim() !== "" && (
          <Empty icon={Search} title={views.search.title}>
            <p>{views.search.text}</p>
          </Empty>
        )
      )}
    </>
  );
}

/** Of 100,000 tasks the words take half a second to make: a few at a time, until somebody has typed some. */
function prepare(): () => void {
  const found = index();
  let timer: ReturnType<typeof setTimeout>;
  const step = () => {
    if (found?.prepareSearch(1000)) timer = setTimeout(step);
  };
  timer = setTimeout(step);
  return () => clearTimeout(timer);
}
