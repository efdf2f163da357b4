import assert from "node:assert/strict";
import { test } from "node:test";
import { levelOf, moved, outline } from "../../src/detail/outline.ts";
import type { Task } from "../../sync/things.ts";

const task = (id: string, parent_id: string | null, position = id): Task => ({ id, parent_id, position }) as Task;
const TASKS = [task("a", null), task("a2", "a"), task("a1", "a"), task("a1x", "a1"), task("a1y", "a1"), task("b", null)];
const below = (tasks: readonly Task[]) => (id: string) =>
  tasks.filter((each) => each.parent_id === id).toSorted((a, b) => (a.position < b.position ? -1 : 1));
const rows = outline(below(TASKS), "a");
const row = (id: string) => rows.find((each) => each.task.id === id) ?? assert.fail(id);
const get = (id: string) => TASKS.find((each) => each.id === id);

test("an outline is in the order of positions, each below its parent", () => {
  assert.deepEqual(rows.map(({ task: { id }, depth, height }) => [id, depth, height]), [["a1", 0, 1], ["a1x", 1, 0], ["a1y", 1, 0], ["a2", 0, 0]]);
});

test("levels count from the one that has nothing above it", () => {
  assert.equal(levelOf(get("a"), get), 1);
  assert.equal(levelOf(get("a1y"), get), 3);
  assert.equal(levelOf(undefined, get), 0);
});

test("a row goes in, out, up and down", () => {
  assert.deepEqual(moved(row("a2"), "in", rows, 1), { parent_id: "a1", place: "last" });
  assert.deepEqual(moved(row("a1y"), "out", rows, 1), { parent_id: "a", after: "a1" });
  assert.deepEqual(moved(row("a1y"), "up", rows, 1), { before: "a1x" });
  assert.deepEqual(moved(row("a1"), "down", rows, 1), { after: "a2" });
});

test("it goes nowhere where there is no place, or no level left", () => {
  assert.equal(moved(row("a1"), "in", rows, 1), null); // nothing before it
  assert.equal(moved(row("a1"), "out", rows, 1), null); // it would leave the task that is open
  assert.equal(moved(row("a1"), "up", rows, 1), null);
  assert.equal(moved(row("a2"), "down", rows, 1), null);
  assert.equal(moved(row("a2"), "in", rows, 4), null); // a2 would be on level 6
  assert.ok(moved(row("a2"), "in", rows, 3));
  const tall = outline(below([...TASKS, task("a0", "a")]), "a");
  const a1 = tall.find((each) => each.task.id === "a1") ?? assert.fail();
  assert.equal(moved(a1, "in", tall, 3), null); // what is below it would be
});
