/** What the client does once, when somebody comes for the first time. */

import { effect, untracked } from "@preact/signals";
import type { Id, Operation } from "../../sync/things.ts";
import { present } from "../app/present.ts";
import { all, client, preferences, status } from "../app/store.ts";
import { words } from "../words/words.ts";

/** The id of the example task, which is made from the person's: two devices that come at once make one task, and it is known again. */
function exampleId(user: Id): Id {
  const last = Number.parseInt(user.slice(-1), 16);
  return user.slice(0, -1) + (last ^ 1).toString(16);
}

/**
 * While nothing was ever preferred, the server counts in UTC and writes English: it is told what the device has. An account that
 * has nothing at all gets an example.
 */
export function followFirstVisit(): () => void {
  const told = new Set<Id>();
  return effect(() => {
    const open = client.value;
    const { state, waiting } = status.value;
    if (!open || state !== "live" || waiting > 0 || preferences.value.revision > 0 || told.has(open.user)) return;
    told.add(open.user);
    const { timezone, language, week_starts_on } = preferences.value;
    const operations: Operation[] = [
      { op: "update", kind: "preferences", id: open.user, preferences: { timezone, language, week_starts_on } },
    ];
    if (open.all("task").size === 0) operations.push(example(open.user));
    // Not by `act`: it is no act of the person, whom `Ctrl Z` would surprise.
    open.act(...operations);
  });
}

/** Whether the account has no task but the example. */
export function isNew(): boolean {
  const tasks = all("task");
  const user = client.value?.user;
  if (!user || status.value.state === "loading" || tasks.size > 1) return false;
  return tasks.size === 0 || tasks.has(exampleId(user));
}

function example(user: Id): Operation {
  const { title, description } = words.peek().account.example;
  const due = { date: untracked(present).toPlainDate().toString(), time: null, timezone: null };
  return { op: "create", kind: "task", id: exampleId(user), task: { title, description, due } };
}
