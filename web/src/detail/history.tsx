import { present } from "../app/present.ts";
import { to, place } from "../app/place.ts";
import { all, get } from "../app/store.ts";
import type { Task } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { sayInstant, sayMoment } from "./saying.ts";

const SHOWN = 10;

/** What is seldom asked for: when it was made, changed and completed, and what was before it in its series. */
export function History({ task }: { task: Task }) {
  const { detail } = words.value;
  const voice = { says: words.value, language: language.value, now: present() };
  const lines: [string, string | null][] = [
    [task.is_cancelled ? detail.cancelledAt : detail.completedAt, task.completed_at],
    [detail.updated, task.updated_at],
    [detail.created, task.created_at],
  ];
  return (
    <footer class="history">
      <Series task={task} />
      {lines.map(([text, at]) => at && <p key={text}>{text.replace("#", sayInstant(at, voice))}</p>)}
    </footer>
  );
}

function Series({ task }: { task: Task }) {
  if (task.series_id === null) return null;
  const next = get("task", task.next_id);
  const voice = { says: words.value, language: language.value, now: present() };
  const others = [...all("task").values()].filter((each) => each.series_id === task.series_id && each.id !== task.id && each.is_completed);
  if (others.length === 0 && !next) return null;
  const newest = others.toSorted((a, b) => ((a.completed_at ?? "") < (b.completed_at ?? "") ? 1 : -1)).slice(0, SHOWN);
  const link = (each: Task) => <a href={linkTo(each)}>{each.due ? sayMoment(each.due, voice) : each.title}</a>;
  return (
    <>
      {next && (
        <p>
          {words.value.detail.next} {link(next)}
        </p>
      )}
      {others.length > 0 && (
        <details>
          <summary>{counted(language.value, others.length, words.value.detail.previous)}</summary>
          <ul>
            {newest.map((each) => (
              <li key={each.id}>{link(each)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function linkTo({ id }: Task): string {
  const where = place.value;
  return where.area === "tasks" ? to(where, { task: id, q: where.q }) : to({ view: "completed" }, { task: id });
}
