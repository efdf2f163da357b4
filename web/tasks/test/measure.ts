/**
 * How long it takes to find things, in milliseconds of processor time:
 * `.venv/bin/node --import ./web/test/setup.ts web/tasks/test/measure.ts [open] [completed]`
 */

import type { Moment, Priority, Task } from "../../sync/things.ts";
import { meant } from "../conditions.ts";
import { parseFilter } from "../filter.ts";
import { FilterCounts } from "../filter_counts.ts";
import { Index } from "../index.ts";
import { completedView, listView, searchCompleted, searchView, tagView, tasksOf, todayView, upcomingView } from "../views.ts";
import { countsOf } from "./counts.ts";
import { Account, filter, list, preferences, section, tag, task } from "./support.ts";

const [OPEN = 10_000, COMPLETED = 0] = process.argv.slice(2).map(Number);
const NOW = Temporal.Instant.from("2026-11-26T11:00:00Z");
const WORDS = "call buy oat milk report figures for the team about Zoë plan garden fix bike tax letter send to Straße next week".split(" ");

let seed = 15;
/** Below a number; the same ones each time. */
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
}
const one = <T>(some: readonly T[]): T => some[random(some.length)] as T;

const lists = Array.from({ length: 20 }, (_, number) => list({ name: `List ${number}`, is_archived: number === 19 }));
const sections = lists.flatMap(({ id }) => [section({ list_id: id, name: "Doing" }), section({ list_id: id, name: "Done" })]);
const tags = Array.from({ length: 30 }, (_, number) => tag({ name: `tag${number}` }));

function due(): Moment | null {
  const kind = random(10);
  if (kind < 6) return null;
  const date = Temporal.PlainDate.from("2026-11-26").add({ days: random(200) - 20 }).toString();
  if (kind < 9) return { date, time: kind === 8 ? "14:30:00" : null, timezone: null, at: null };
  return { date, time: "14:30:00", timezone: "Europe/Berlin", at: `${date}T13:30:00.000000Z` };
}

const made: Task[] = [];
for (let number = 0; number < OPEN + COMPLETED; number++) {
  const is_completed = number >= OPEN;
  const parent = random(5) === 0 && number > 0 ? made[random(made.length)] : undefined;
  const list_id = parent ? parent.list_id : number % 3 === 0 ? null : one(lists).id;
  made.push(
    task({
      title: Array.from({ length: 6 }, () => one(WORDS)).join(" "),
      description: random(4) === 0 ? Array.from({ length: 20 }, () => one(WORDS)).join(" ") : null,
      list_id,
      section_id: random(2) ? (sections.find((each) => each.list_id === list_id)?.id ?? null) : null,
      parent_id: parent && !parent.parent_id ? parent.id : null,
      priority: one<Priority>(["none", "none", "none", "low", "medium", "high"]),
      tags: random(3) ? [] : [one(tags).name],
      due: due(),
      is_completed,
      completed_at: is_completed ? `2026-${String(random(9) + 1).padStart(2, "0")}-${String(random(27) + 1).padStart(2, "0")}T10:00:00.000000Z` : null,
    }),
  );
}

const account = new Account();
account.put("preferences", preferences());
account.put("list", ...lists);
account.put("section", ...sections);
account.put("tag", ...tags);
account.put("task", ...made);

/** The best and the worst of so many times, the first of which is told apart. */
function measure(name: string, does: () => unknown, times = 30): void {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const before = process.cpuUsage();
    does();
    const { user, system } = process.cpuUsage(before);
    taken.push((user + system) / 1000);
  }
  const [first = 0, ...rest] = taken;
  const sorted = rest.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  process.stdout.write(`${name.padEnd(44)} first ${first.toFixed(2).padStart(8)}   median ${median.toFixed(2).padStart(7)}\n`);
}

process.stdout.write(`${OPEN} open tasks, ${COMPLETED} completed\n`);
let index = new Index(account, "Europe/Berlin");
measure("the index, made anew", () => (index = new Index(account, "Europe/Berlin")), 5);
const present = index.present(NOW);
const filters = ["today | overdue", "p1 & !@tag1*", "(#List 3 | #List 4) & 30 days", "search:milk & no date", "available & !subtask", "@tag2 | @tag3", "no tags & no priority", "#inbox & p2", "overdue & p1", "/Doing & !recurring"].map((query) => filter({ query }));
let counts = new FilterCounts(index, present);

measure("inbox", () => listView(index, null));
measure("a list", () => listView(index, lists[3]?.id ?? null, { present }));
const full = new Account();
full.put("task", ...made.map((each) => ({ ...each, list_id: null, section_id: null })));
const allInOne = new Index(full, "Europe/Berlin");
measure("all open tasks in one list", () => listView(allInOne, null, { present }));
measure("today", () => todayView(index, present));
measure("upcoming", () => upcomingView(index, present));
const [someTag] = tags;
if (someTag) measure("a tag, by priority", () => tagView(index, someTag, "priority"));
for (const { query } of filters.slice(0, 5)) measure(`filter ${query}`, () => tasksOf(index, meant(parseFilter(query)), "due", present));
measure("filter all, by due", () => tasksOf(index, meant(parseFilter("!completed")), "due", present), 8);
measure("search: m", () => searchView(index, "m"));
measure("search: oat mi", () => searchView(index, "oat mi"));
measure("counts", () => countsOf(index, present));
measure("counts of 10 filters, from nothing", () => {
  counts = new FilterCounts(index, present);
  for (const each of filters) counts.of(each);
}, 8);
let number = 0;
measure("a change, and inbox and counts of all", () => {
  const old = made[number++ * 3];
  if (!old) return;
  const changed = account.put("task", { ...old, title: `${old.title}!`, priority: "high", due: { date: "2026-11-26", time: null, timezone: null } });
  index.apply(changed);
  counts.apply(changed);
  listView(index, null);
  countsOf(index, present);
  for (const each of filters) counts.of(each);
});
measure("completed, 50", () => completedView(index, 50));
measure("search completed: oat mi, 50", () => searchCompleted(index, "oat mi", 50));
measure("search completed: nothing is found", () => searchCompleted(index, "qqq", 50), 10);
