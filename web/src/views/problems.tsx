import { CircleCheck } from "lucide";
import { client, get, problems } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Empty } from "../parts/empty.tsx";
import type { Problem } from "../../sync/client.ts";
import type { Id, Kind } from "../../sync/things.ts";
import { instant } from "../words/instant.ts";
import { words } from "../words/words.ts";

/** What could not be merged, or was refused: each with what one can do, and none goes away by itself. */
export function ProblemsView() {
  const says = words.value.views.problems;
  if (problems.value.length === 0) {
    return (
      <Empty icon={CircleCheck} title={says.title}>
        <p>{says.text}</p>
      </Empty>
    );
  }
  return (
    <ul class="cards">
      {problems.value.map((problem) => (
        <li key={problem.id} class="card">
          <One problem={problem} />
        </li>
      ))}
    </ul>
  );
}

function One({ problem }: { problem: Problem }) {
  const says = words.value.problems;
  const settle = (choice: "mine" | "theirs" | "next" | "dismiss") => () => client.value?.settle(problem.id, choice);
  switch (problem.problem) {
    case "conflict":
      return (
        <>
          <h2>{says.conflict.replace("#", nameOf(problem.kind, problem.thing))}</h2>
          <dl class="versions">
            {problem.fields.map(({ field, mine, theirs }) => (
              <div key={field}>
                <dt>{says.fields[field as keyof typeof says.fields] ?? field}</dt>
                <dd>
                  <strong>{says.mine}</strong> {shown(mine)}
                </dd>
                <dd>
                  <strong>{says.theirs}</strong> {shown(theirs)}
                </dd>
              </div>
            ))}
          </dl>
          <div class="dialog-actions">
            <Button onClick={settle("mine")}>{says.keepMine}</Button>
            <Button onClick={settle("theirs")}>{says.takeTheirs}</Button>
          </div>
        </>
      );
    case "completed":
      return (
        <>
          <h2>{says.completed.replace("#", nameOf("task", problem.thing))}</h2>
          <p>{says.completedText}</p>
          <div class="dialog-actions">
            <Button onClick={settle("dismiss")}>{says.leave}</Button>
            <Button onClick={settle("next")}>{says.toNext}</Button>
          </div>
        </>
      );
    case "gone":
      return (
        <>
          <h2>{says.gone}</h2>
          <p>{what(problem)}</p>
          <Dismiss onClick={settle("dismiss")} />
        </>
      );
    case "kept":
      return (
        <>
          <h2>{says.kept}</h2>
          <p>{problem.things.map(({ kind, id }) => nameOf(kind, id)).filter(Boolean).join(" · ")}</p>
          <Dismiss onClick={settle("dismiss")} />
        </>
      );
    case "unreadable":
      return (
        <>
          <h2>{says.unreadable}</h2>
          <p>{says.unreadableText}</p>
          <pre class="found">{problem.content}</pre>
          <Dismiss onClick={settle("dismiss")} />
        </>
      );
    default:
      return (
        <>
          <h2>{says.refused}</h2>
          <p>{what(problem)}</p>
          <p>{problem.message}</p>
          <Dismiss onClick={settle("dismiss")} />
        </>
      );
  }
}

function Dismiss({ onClick }: { onClick: () => void }) {
  return (
    <div class="dialog-actions">
      <Button onClick={onClick}>{words.value.problems.dismiss}</Button>
    </div>
  );
}

function nameOf(kind: Kind, id: Id): string {
  const thing = get(kind, id);
  if (!thing) return "";
  return "title" in thing ? thing.title : "name" in thing ? thing.name : "";
}

/** What was written, so that it is not lost with what it was written to: each text that a person typed. */
function what({ act, at }: Problem): string {
  const written = act.operations.flatMap((operation) =>
    Object.values(operation).flatMap((value) => (value !== null && typeof value === "object" ? Object.values(value) : [])),
  );
  const texts = written.filter((value) => typeof value === "string" && value !== "");
  return [instant(at), ...texts].join(" · ");
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return words.value.problems.nothing;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return Object.values(value).filter((each) => each !== null).map(shown).join(" ");
}
