// Answers on standard output what the client finds of the account on standard input: the server's tests compare it with what the
// server lists.

import { readFileSync } from "node:fs";
import type { Kind, Task, Things } from "../../sync/things.ts";
import { meant } from "../conditions.ts";
import { parseFilter } from "../filter.ts";
import { FilterCounts } from "../filter_counts.ts";
import { Index } from "../index.ts";
import { orderOf, type Sort } from "../sort.ts";
import { listView, searchCompleted, searchView, tagView, tasksOf, todayView, upcomingView } from "../views.ts";
import { countsOf, overdueOf } from "./counts.ts";
import { Account } from "./support.ts";

type Asked =
  | { ask: "filter"; text: string; sort: Sort }
  | { ask: "saved" | "count"; id: string }
  | { ask: "list"; id: string | null }
  | { ask: "tag"; id: string; sort: "-created_at" | "due" | "priority" }
  | { ask: "search"; text: string; completed: boolean }
  | { ask: "today" | "overdue" | "upcoming" | "counts" };
interface Question {
  user: string;
  things: [Kind, Things[Kind]][];
  now: string;
  asked: Asked[];
}

const { user, things, now, asked } = JSON.parse(readFileSync(0, "utf8")) as Question;
const account = new Account(user);
for (const [kind, thing] of things) account.put(kind, thing);
const index = new Index(account, "Pacific/Kiritimati");
const present = index.present(Temporal.Instant.from(now));
const counts = new FilterCounts(index, present);
const ids = (tasks: readonly Task[]): string[] => tasks.map((task) => task.id);

function answer(question: Asked): unknown {
  switch (question.ask) {
    case "filter":
      return ids(tasksOf(index, meant(parseFilter(question.text)), question.sort, present));
    case "saved": {
      const saved = account.get("filter", question.id);
      const condition = meant(parseFilter(saved?.query ?? ""));
      return ids(tasksOf(index, condition, orderOf(condition, saved?.sort ?? null), present));
    }
    case "count": {
      const saved = account.get("filter", question.id);
      return saved ? counts.of(saved) : undefined;
    }
    case "list":
      // As a tree, and as the server lists it.
      return [listView(index, question.id).groups.reduce((sum, group) => sum + group.count, 0), ids(index.inList(question.id).map((open) => open.task))];
    case "tag": {
      const tag = account.get("tag", question.id);
      return tag ? ids(tagView(index, tag, question.sort)) : [];
    }
    case "search":
      return ids(question.completed ? searchCompleted(index, question.text, Infinity) : searchView(index, question.text));
    case "today":
      return ids(todayView(index, present).today);
    case "overdue":
      return ids(overdueOf(index, present));
    case "upcoming":
      return ids(upcomingView(index, present).flatMap((day) => day.tasks));
    case "counts": {
      const found = countsOf(index, present);
      const tags = Array.from(found.tags, ([id, number]) => [account.get("tag", id)?.name, number]);
      return { ...found, lists: Object.fromEntries(found.lists), tags: Object.fromEntries(tags) as unknown };
    }
  }
}

process.stdout.write(JSON.stringify(asked.map(answer)));
