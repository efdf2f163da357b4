import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf } from "../../src/quick/lines.ts";
import { lineOf, shortened } from "../../src/quick/making.ts";
import type { Here } from "../../tasks/quick/understand.ts";

const HERE: Here = {
  now: Temporal.Instant.from("2026-11-26T10:00:00Z"),
  timezone: "Europe/Berlin",
  lang: "en",
  weekStartsOn: "monday",
  dayReminderAt: "09:00:00",
  lists: [
    { id: "l1", name: "Groceries", sections: [{ id: "s1", name: "Dairy" }, { id: "s2", name: "Fruit" }] },
    { id: "l2", name: "Work" },
  ],
  listId: null,
};

test("what the line says comes before what the place adds", () => {
  const adds = { list_id: "l1", section_id: "s1", due: "2026-11-26", tags: ["shop"] };
  const plain = lineOf("Milk", [], HERE, adds).task;
  assert.deepEqual(plain, { title: "Milk", list_id: "l1", section_id: "s1", due: { date: "2026-11-26", time: null, timezone: null }, tags: ["shop"] });
  const said = lineOf("Milk tomorrow /fruit @oat", [], HERE, adds).task;
  assert.deepEqual([said.due?.date, said.section_id, said.tags], ["2026-11-27", "s2", ["shop", "oat"]]);
  const elsewhere = lineOf("Call Ann #work", [], HERE, adds).task;
  assert.deepEqual([elsewhere.list_id, elsewhere.section_id], ["l2", undefined]);
});

test("a piece that was taken back is text of the title", () => {
  const text = "Watch The Day After Tomorrow today";
  const { task, pieces } = lineOf(text, [[10, 28]], HERE, {});
  assert.equal(task.title, "Watch The Day After Tomorrow");
  assert.deepEqual([task.due?.date, pieces.map(({ start, end }) => text.slice(start, end))], ["2026-11-26", ["today"]]);
  assert.equal(lineOf("tomorrow", [[0, 8]], HERE, {}).task.title, "tomorrow");
  assert.equal(lineOf("Tell @all of it", [[5, 9]], HERE, {}).task.title, "Tell @all of it");
});

test("pasted lines are tasks without the signs of their list", () => {
  const text = "Shopping\r\n- [ ] Milk\n- [x] Bread\n\n  * Eggs\n2) Salt\n☐ Tea\n- 5 lemons\n";
  assert.deepEqual(linesOf(text), ["Shopping", "Milk", "Bread", "Eggs", "Salt", "Tea", "5 lemons"]);
  assert.deepEqual(linesOf("2026 was good\n3.5 km"), ["2026 was good", "3.5 km"]);
});

test("a line longer than a title is kept whole", () => {
  const title = "word ".repeat(50).trim();
  const { title: short, description } = shortened({ title });
  assert.equal([...short].length, 200);
  assert.equal(description, title);
});
