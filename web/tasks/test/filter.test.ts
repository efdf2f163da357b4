import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Priority, Task } from "../../sync/things.ts";
import { type Condition, meant } from "../conditions.ts";
import { parseFilter } from "../filter.ts";
import { FilterInvalid } from "../filter_invalid.ts";
import { matcher } from "../matching.ts";
import { parseMoment, Present } from "../moments.ts";
import { lengthOf } from "../../sync/texts.ts";
import { list, section, task } from "./support.ts";

interface Described {
  title: string;
  list?: string;
  section?: string;
  parent?: string;
  due?: { date: string; time?: string };
  start?: { date: string; time?: string };
  priority?: Priority;
  tags?: string[];
  recurrence?: { rule: string };
  is_completed?: boolean;
  is_cancelled?: boolean;
}
interface Table {
  lists: { name: string; is_archived?: boolean }[];
  sections: { name: string; list: string }[];
  tasks: Record<string, Described>;
  filters: ({ text: string; finds: string[] } | { text: string; position: number })[];
}
const TABLE = JSON.parse(readFileSync(new URL("../../../tests/tasks/filters.json", import.meta.url), "utf8")) as Table;

const NOW = Temporal.Instant.from("2026-11-26T05:30:00.25Z");
const BERLIN = new Present(NOW, "Europe/Berlin");

const byId = <T extends { id: string }>(things: Iterable<T>) => new Map([...things].map((each) => [each.id, each]));

/** The tasks of the table at a moment, and how they are found there. */
function world(present: Present) {
  const lists = new Map(TABLE.lists.map((each) => [each.name, list(each)]));
  const sections = new Map(
    TABLE.sections.map((each) => [each.name, section({ name: each.name, list_id: lists.get(each.list)?.id ?? "" })]),
  );
  const made = new Map<string, Task>();
  const at = present.now.toString({ fractionalSecondDigits: 6 });
  const dated = (said?: { date: string; time?: string }) => {
    if (!said) return null;
    const moment = parseMoment(said.date);
    assert(typeof moment !== "string");
    return { date: present.resolve(moment).local, time: said.time ? `${said.time}:00` : null, timezone: null };
  };
  for (const [name, said] of Object.entries(TABLE.tasks)) {
    const completed = said.is_completed ? { is_completed: true, completed_at: at, is_cancelled: said.is_cancelled ?? false } : {};
    made.set(
      name,
      task({
        title: said.title,
        created_at: at,
        list_id: lists.get(said.list ?? "")?.id ?? made.get(said.parent ?? "")?.list_id ?? null,
        section_id: sections.get(said.section ?? "")?.id ?? null,
        parent_id: made.get(said.parent ?? "")?.id ?? null,
        due: dated(said.due),
        start: dated(said.start),
        priority: said.priority ?? "none",
        tags: said.tags ?? [],
        recurrence: said.recurrence ? { rule: said.recurrence.rule, from: "due" } : null,
        ...completed,
      }),
    );
  }
  const known = { lists: byId(lists.values()), sections: byId(sections.values()), present };
  return (condition: Condition) => {
    const isMeant = matcher(condition, known);
    return new Set([...made].filter(([, each]) => isMeant(each)).map(([name]) => name));
  };
}

function invalid(text: string): FilterInvalid {
  try {
    parseFilter(text);
  } catch (error) {
    assert(error instanceof FilterInvalid);
    return error;
  }
  assert.fail(`${text} was read`);
}

test("every filter of the table finds what it says, at any hour from 6 to 18", () => {
  for (const [now, zone] of [
    ["2026-11-26T05:30:00.25Z", "Europe/Berlin"],
    ["2026-03-08T17:00:00Z", "America/New_York"],
    ["2026-02-28T00:15:00Z", "Asia/Kathmandu"],
  ] as const) {
    const find = world(new Present(Temporal.Instant.from(now), zone));
    for (const each of TABLE.filters) {
      if ("finds" in each) assert.deepEqual(find(meant(parseFilter(each.text))), new Set(each.finds), `${each.text} at ${now}`);
    }
  }
});

test("a text that is wrong is told where", () => {
  for (const each of TABLE.filters) {
    if ("position" in each) assert.equal(invalid(each.text).position, each.position, each.text);
  }
});

const PIECES = [
  "&", "|", "!", "(", ")", '"', "#", "/", "@", "*", ":", " ", "  ", "\n", "today", "no", "date", "due", "before", "on", "after",
  "completed", "7", "days", "p1", "all", "list:", "7d444840-9dc0-41d1-b245-5ffdce74fad2", "search:", "+1d", "week", "2026-12-01",
  "now", "é", "📌", "\0", "-", "+",
]; // prettier-ignore
const SOME = fc.array(fc.constantFrom(...PIECES), { maxLength: 20, size: "max" });

test("any text says something or is refused with a place in it", () => {
  const texts = fc.oneof(SOME.map((some) => some.join("")), SOME.map((some) => some.join(" ")), fc.string({ unit: "grapheme", maxLength: 50 }));
  fc.assert(
    fc.property(texts, (text) => {
      let condition: Condition;
      try {
        condition = parseFilter(text);
      } catch {
        const { position } = invalid(text);
        return position >= 0 && position <= lengthOf(text);
      }
      assert.deepEqual(parseFilter(` (${text}) `), condition);
      return matcher(condition, { lists: new Map(), sections: new Map(), present: BERLIN })(task()) !== undefined;
    }),
    { numRuns: 100 },
  );
});

test("hostile texts are read or refused, and at once", () => {
  const hostile = [
    "(".repeat(1000), "!".repeat(1000), `${"(".repeat(10)}${"!".repeat(980)}p1${")".repeat(8)}`, '"'.repeat(1000), `#"${'""'.repeat(499)}`,
    `#a${", ".repeat(499)}`, `#a${" and".repeat(249)}b`, `#a${" p1".repeat(332)}x`, `#a p1${" ".repeat(990)}b`, "a".repeat(1000), "9 ".repeat(500),
    "no ".repeat(333), `due${" ".repeat(997)}`, `due before ${"+1".repeat(494)}`, `search:${'" '.repeat(496)}`, "today&".repeat(166), "p1|".repeat(100_000),
  ]; // prettier-ignore
  for (const text of hostile) {
    try {
      parseFilter(text);
    } catch (error) {
      assert(error instanceof FilterInvalid);
    }
  }
});

test("as much is read as there may be, and no more", () => {
  assert.deepEqual(parseFilter(`today${" ".repeat(995)}`), parseFilter("today"));
  assert.equal(invalid(`today${" ".repeat(996)}`).expected.what, "shorter");
  assert.deepEqual(parseFilter(`${"(".repeat(10)}p1${")".repeat(10)}`), parseFilter("p1"));
  assert.equal(invalid(`${"(".repeat(11)}p1${")".repeat(11)}`).expected.what, "flatter");
  assert.equal(invalid(`${"p1|".repeat(50)}p1`).expected.what, "fewer conditions");
});
