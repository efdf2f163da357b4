import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Id, Moment, Task } from "../../sync/things.ts";
import { meant } from "../conditions.ts";
import { parseFilter } from "../filter.ts";
import { FilterCounts } from "../filter_counts.ts";
import { Index, type Open } from "../index.ts";
import { matcher } from "../matching.ts";
import { SORTS } from "../sort.ts";
import { keyOf } from "../../sync/texts.ts";
import { completedView, listView, searchCompleted, searchView, tasksOf, todayView, upcomingView, worldOf } from "../views.ts";
import { countsOf, overdueOf } from "./counts.ts";
import { Account, filter, idOf, list, preferences, tag, task } from "./support.ts";

const NOW = Temporal.Instant.from("2026-11-26T11:00:00Z");
const DAY: Moment = { date: "2026-11-26", time: null, timezone: null, at: null };
const MOMENTS: (Moment | null)[] = [
  null,
  DAY,
  { ...DAY, date: "2026-11-25" },
  { ...DAY, time: "09:00:00" },
  { ...DAY, time: "23:00:00" },
  { ...DAY, date: "2026-12-01", time: "12:00:00" },
  { date: "2026-11-27", time: "01:00:00", timezone: "Asia/Tokyo", at: "2026-11-26T16:00:00.000000Z" },
  { date: "2026-11-26", time: "23:30:00", timezone: "America/New_York", at: "2026-11-27T04:30:00.000000Z" },
];
const LISTS = [list({ name: "Home" }), list({ name: "Attic", is_archived: true })];
const TAGS = [tag({ name: "shop" }), tag({ name: "Größe" })];
const QUERIES = ["today | overdue", "@shop & !p1", "#home | inbox", "search:milk", "available & subtask"];
const FILTERS = QUERIES.map((query) => filter({ query }));

/** What one change makes of a task: ids are few, so that most are of tasks that there are. */
const CHANGES = fc.record({
  id: fc.nat(15),
  is_completed: fc.boolean(),
  list: fc.constantFrom(null, ...LISTS.map((each) => each.id)),
  parent: fc.option(fc.nat(15)),
  position: fc.nat(99),
  tags: fc.constantFrom([], ["shop"], ["SHOP", "Größe"], ["größe"]),
  due: fc.constantFrom(...MOMENTS),
  start: fc.constantFrom(...MOMENTS),
  priority: fc.constantFrom("none", "low", "high"),
  title: fc.constantFrom("Oat milk", "Bread"),
});
type Change = typeof CHANGES extends fc.Arbitrary<infer T> ? T : never;
const STEPS = fc.oneof(
  { weight: 8, arbitrary: CHANGES.map((change) => ({ step: "put" as const, change })) },
  { weight: 2, arbitrary: fc.nat(15).map((id) => ({ step: "delete" as const, id })) },
  { weight: 2, arbitrary: fc.nat(15).map((id) => ({ step: "put back" as const, id })) },
  { weight: 3, arbitrary: fc.constant({ step: "look" as const }) },
  { weight: 1, arbitrary: fc.boolean().map((isArchived) => ({ step: "archive" as const, isArchived })) },
  { weight: 1, arbitrary: fc.constantFrom("Europe/Berlin", "Asia/Tokyo").map((timezone) => ({ step: "zone" as const, timezone })) },
  { weight: 1, arbitrary: fc.array(CHANGES, { minLength: 12, maxLength: 16 }).map((changes) => ({ step: "page" as const, changes })) },
);
type Step = typeof STEPS extends fc.Arbitrary<infer T> ? T : never;

function made({ id, list: list_id, parent, position, is_completed, ...members }: Change): Task {
  return task({
    ...members,
    id: idOf(1000 + id),
    list_id,
    // Of a lower number, so that none is below itself.
    parent_id: parent !== null && parent < id ? idOf(1000 + parent) : null,
    position: String(position).padStart(12, "0"),
    is_completed,
    completed_at: is_completed ? `2026-11-2${position % 10}T10:00:00.000000Z` : null,
  });
}

function apply(account: Account, step: Step, befores: Map<Id, Task>) {
  switch (step.step) {
    case "put":
      befores.set(idOf(1000 + step.change.id), account.get("task", idOf(1000 + step.change.id)) ?? made(step.change));
      return account.put("task", made(step.change));
    case "page":
      return account.put("task", ...step.changes.map(made));
    case "delete":
      return account.delete("task", idOf(1000 + step.id));
    case "put back": {
      // As it was before anything was done to it, which is the same object.
      const id = idOf(1000 + step.id);
      const [now, before] = [account.get("task", id), befores.get(id)];
      if (now) befores.set(id, now);
      return before ? account.put("task", before) : [];
    }
    case "archive":
      return account.put("list", { ...list(), ...LISTS[1], is_archived: step.isArchived });
    case "zone":
      return account.put("preferences", preferences({ timezone: step.timezone }));
    case "look":
      return [];
  }
}

const tasksIn = (some: readonly Open[]) => some.map((open) => open.task);

/** All that can be asked of an index. */
function seen(index: Index) {
  const present = index.present(NOW);
  const views = SORTS.map((sort, number) => tasksOf(index, meant(parseFilter(QUERIES[number % QUERIES.length] ?? "")), sort, present));
  return {
    views,
    lists: [null, ...LISTS.map((each) => each.id)].map((id) => [tasksIn(index.inList(id)), listView(index, id, { present })]),
    today: todayView(index, present),
    upcoming: upcomingView(index, present),
    overdue: overdueOf(index, present),
    completed: completedView(index, 1000),
    tagged: TAGS.map((each) => tasksIn(index.tagged(each.name))),
    search: searchView(index, "mil"),
    counts: countsOf(index, present),
    below: [...index.client.all("task").keys()].map((id) => index.below(id)),
  };
}

test("kept up by changes, it is what is computed from scratch", () => {
  fc.assert(
    fc.property(fc.array(STEPS, { minLength: 8, maxLength: 30, size: "max" }), fc.boolean(), (steps, completedFirst) => {
      const account = new Account();
      account.put("list", ...LISTS);
      account.put("tag", ...TAGS);
      const index = new Index(account, "Europe/Berlin");
      const counts = new FilterCounts(index, index.present(NOW));
      const befores = new Map<Id, Task>();
      if (completedFirst) seen(index);
      for (const step of steps) {
        const changed = apply(account, step, befores);
        index.apply(changed);
        counts.apply(changed);
        if (step.step === "look") for (const each of FILTERS) counts.of(each);
        if (step.step === "look") seen(index);
      }
      const anew = new Index(account, "Europe/Berlin");
      assert.deepEqual(seen(index), seen(anew));
      const fresh = new FilterCounts(anew, anew.present(NOW));
      for (const each of FILTERS) assert.equal(counts.of(each), fresh.of(each), each.query);
    }),
    { numRuns: 10 },
  );
});

const ids = (tasks: readonly Task[]) => tasks.map((each) => each.id).toSorted();

/** The same, by looking at each task there is. */
test("views show what they say of each task", () => {
  fc.assert(
    fc.property(fc.array(CHANGES, { maxLength: 60, size: "max" }), (changes) => {
      const account = new Account();
      account.put("list", ...LISTS);
      account.put("tag", ...TAGS);
      account.put("task", ...changes.map(made));
      const index = new Index(account, "Europe/Berlin");
      const present = index.present(NOW);
      const all = [...account.all("task").values()];
      const find = (text: string) => all.filter(matcher(meant(parseFilter(text)), worldOf(index, present)));
      const { today, overdue } = todayView(index, present);
      assert.deepEqual(ids(today), ids(find("today")));
      assert.deepEqual(ids(overdue), ids(find("due before today")));
      assert.deepEqual(ids(overdueOf(index, present)), ids(find("overdue")));
      assert.deepEqual(ids(upcomingView(index, present).flatMap((day) => day.tasks)), ids(find("due after today")));
      for (const { day, tasks } of upcomingView(index, present)) assert.deepEqual(ids(tasks), ids(find(`due on ${day}`)));
      for (const each of TAGS) {
        const tagged = all.filter((one) => !one.is_completed && one.tags.some((name) => keyOf(name) === keyOf(each.name)));
        assert.deepEqual(ids(tasksIn(index.tagged(each.name))), ids(tagged));
        assert.equal(countsOf(index, present).tags.get(each.id), find(`@${each.name}`).length);
      }
      assert.deepEqual(ids(searchView(index, "OAT mil")), ids(all.filter((each) => !each.is_completed && each.title === "Oat milk")));
      assert.deepEqual(ids(completedView(index, 1000)), ids(all.filter((each) => each.is_completed)));
      for (const sort of SORTS.filter((each) => each !== "-completed_at")) {
        assert.deepEqual(ids(tasksOf(index, meant(parseFilter("all")), sort, present)), ids(find("all")));
      }
    }),
    { numRuns: 10 },
  );
});

test("words are made beforehand, so many at a time, and of what has changed anew", () => {
  const account = new Account();
  const tasks = [task({ title: "Oat" }), task({ title: "Bread" }), task({ title: "Oat", is_completed: true, completed_at: "2026-11-26T10:00:00.000000Z" })];
  account.put("task", ...tasks);
  const index = new Index(account, "Europe/Berlin");
  assert.deepEqual([index.prepareSearch(2), index.prepareSearch(1), index.prepareSearch(1)], [true, false, false]);
  assert.equal(searchView(index, "oat").length + searchCompleted(index, "oat", 9).length, 2);
  for (const each of tasks) index.apply(account.put("task", { ...each, title: "Milk" }));
  assert.equal(searchView(index, "mil").length + searchCompleted(index, "mil", 9).length, 3);
  assert.equal(searchView(index, "oat").length + searchCompleted(index, "oat", 9).length, 0);
});

test("what the server has not got yet was changed last", () => {
  const account = new Account();
  const [old, sent, waiting] = [task(), task(), task({ revision: 0 })];
  account.put("task", waiting, old, sent);
  const index = new Index(account, "Europe/Berlin");
  const sorted = (sort: "updated_at" | "-updated_at") => tasksOf(index, meant(parseFilter("p4")), sort, index.present(NOW));
  assert.deepEqual([sorted("updated_at"), sorted("-updated_at")], [[old, sent, waiting], [waiting, sent, old]]);
});
