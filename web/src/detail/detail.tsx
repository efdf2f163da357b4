import { useLayoutEffect, useRef } from "preact/hooks";
import { OnDemand } from "../parts/on_demand.tsx";
import type { Id } from "../../sync/things.ts";
import { words } from "../words/words.ts";

const loadDetail = async () => (await import("./task_detail.tsx")).TaskDetail;

// Not with the first picture, and there before a task is opened.
for (const sign of ["pointermove", "pointerdown", "keydown"]) {
  addEventListener(sign, () => void loadDetail().catch(() => undefined), { once: true, passive: true });
}

/** On a phone it is over everything else, which then cannot be reached. */
const COVERS = matchMedia("(max-width: 800px)");

/** A task with everything of it, beside the list; on a narrow screen a sheet over it. The focus goes in and comes back. */
export function Detail({ id }: { id: Id }) {
  const aside = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const others = [...(aside.current?.parentElement?.children ?? [])].filter((each) => !each.matches(".detail, .toasts, [role=status]"));
    const cover = () => {
      for (const each of others) each.toggleAttribute("inert", COVERS.matches);
    };
    cover();
    aside.current?.addEventListener("keydown", keepKeys);
    COVERS.addEventListener("change", cover);
    aside.current?.focus({ preventScroll: true });
    return () => {
      COVERS.removeEventListener("change", cover);
      for (const each of others) each.removeAttribute("inert");
      giveBack(opener);
    };
  }, []);
  useLayoutEffect(() => {
    // The task that had the focus is not shown any more.
    if (document.activeElement === document.body) aside.current?.focus({ preventScroll: true });
  }, [id]);
  return (
    <aside class="detail" ref={aside} aria-label={words.value.task.detail} tabIndex={-1}>
      <OnDemand key={id} load={loadDetail} props={{ id }} />
    </aside>
  );
}

/** Keys that move in the list, or do something there, do what they always do while one is in here. */
function keepKeys(event: KeyboardEvent): void {
  if (/^(Arrow|Home$|End$|Enter$|Delete$| $)/.test(event.key)) event.stopPropagation();
}

function giveBack(opener: Element | null): void {
  // What was in the detail is gone by then.
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const back = opener?.isConnected && opener !== document.body ? opener : document.getElementById("tasks");
    (back as HTMLElement | null)?.focus();
  });
}
