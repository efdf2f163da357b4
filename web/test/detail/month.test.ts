import assert from "node:assert/strict";
import { test } from "node:test";
import { quickDays, stepped, weeksOf } from "../../src/detail/month.ts";

const day = (text: string) => Temporal.PlainDate.from(text);
const press = (from: string, key: string, options: { shiftKey?: boolean; first?: number; rightToLeft?: boolean } = {}) => {
  const { shiftKey = false, first = 1, rightToLeft = false } = options;
  return stepped(day(from), { key, shiftKey }, { first, rightToLeft })?.toString();
};

test("a month begins on the first day of the week of its first day", () => {
  for (const [first, begin] of [[1, "2026-10-26"], [6, "2026-10-31"], [7, "2026-11-01"]] as const) {
    const weeks = weeksOf(day("2026-11-26"), first);
    assert.equal(weeks[0]?.[0]?.toString(), begin);
    assert.deepEqual(weeks.map((week) => week.length), [7, 7, 7, 7, 7, 7]);
    assert.equal(weeks[5]?.[6]?.toString(), day(begin).add({ days: 41 }).toString());
  }
});

test("keys of the grid", () => {
  assert.equal(press("2026-11-30", "ArrowRight"), "2026-12-01");
  assert.equal(press("2026-11-30", "ArrowRight", { rightToLeft: true }), "2026-11-29");
  assert.equal(press("2026-11-30", "ArrowLeft"), "2026-11-29");
  assert.equal(press("2026-11-30", "ArrowDown"), "2026-12-07");
  assert.equal(press("2026-11-26", "Home"), "2026-11-23");
  assert.equal(press("2026-11-26", "Home", { first: 7 }), "2026-11-22");
  assert.equal(press("2026-11-26", "End", { first: 6 }), "2026-11-27");
  assert.equal(press("2026-10-31", "PageDown"), "2026-11-30");
  assert.equal(press("2028-02-29", "PageUp", { shiftKey: true }), "2027-02-28");
  assert.equal(press("2026-11-26", "x"), undefined);
});

test("tasks have no dates before 1970 and after 2200", () => {
  assert.equal(press("1970-01-01", "ArrowLeft"), "1970-01-01");
  assert.equal(press("2200-12-10", "PageDown"), "2200-12-31");
});

test("the weekend and the next week are never today", () => {
  const named = (text: string, first: number) => {
    const { weekend, nextWeek } = quickDays(day(text), first);
    return [weekend.toString(), nextWeek.toString()];
  };
  assert.deepEqual(named("2026-11-26", 1), ["2026-11-28", "2026-11-30"]);
  assert.deepEqual(named("2026-11-28", 1), ["2026-12-05", "2026-11-30"]);
  assert.deepEqual(named("2026-11-29", 1), ["2026-12-05", "2026-11-30"]);
  assert.deepEqual(named("2026-11-29", 7), ["2026-12-05", "2026-12-06"]);
  assert.deepEqual(named("2026-11-30", 1), ["2026-12-05", "2026-12-07"]);
});
