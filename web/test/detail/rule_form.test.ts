import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRule } from "../../sync/rules.ts";
import { firstDay, formOf, meant, type RuleForm, toForm, toRecurrence } from "../../src/detail/rule_form.ts";

const DUE = "2026-11-26"; // a Thursday, the fourth and last of its month

const read = (rule: string, from: "due" | "completion" = "due", due = DUE): RuleForm | null => toForm({ rule, from }, due);

test("what the form says is read again as the same form", () => {
  const forms: RuleForm[] = [
    formOf("DAILY", DUE),
    { ...formOf("DAILY", DUE), every: 3, ends: { kind: "after", times: 10 } },
    { ...formOf("WEEKLY", DUE), weekdays: [0, 1, 2, 3, 4] },
    { ...formOf("WEEKLY", DUE, 6), every: 2, weekdays: [5, 6], ends: { kind: "on", day: "2027-03-01" } },
    { ...formOf("MONTHLY", DUE), on: { by: "last" } },
    { ...formOf("MONTHLY", DUE), on: { by: "day", day: 31 }, every: 2 },
    { ...formOf("MONTHLY", DUE), on: { by: "day", day: 29 } },
    { ...formOf("MONTHLY", DUE), on: { by: "weekday", nth: -1, weekday: 3 } },
    formOf("YEARLY", DUE),
    { ...formOf("MONTHLY", DUE), from: "completion", every: 6 },
  ];
  for (const form of forms) {
    const { rule, from } = toRecurrence(form, DUE);
    assert.ok(parseRule(rule, from === "completion"), rule);
    assert.deepEqual(read(rule, from), form, rule);
  }
});

test("rules that say the same in other words are in the form", () => {
  assert.deepEqual(read("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR")?.weekdays, [0, 1, 2, 3, 4]);
  assert.equal(read("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR")?.unit, "WEEKLY");
  assert.deepEqual(read("FREQ=WEEKLY")?.weekdays, [3]);
  assert.deepEqual(read("FREQ=MONTHLY")?.on, { by: "day", day: 26 });
  assert.equal(read("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=26")?.unit, "YEARLY");
  assert.equal(read("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "due", "2027-02-28")?.unit, "YEARLY");
});

test("the day that the rule stands for counts, and not where this task was moved", () => {
  assert.deepEqual(toForm({ rule: "FREQ=WEEKLY", from: "due", occurrence: "2026-11-23" }, DUE)?.weekdays, [0]);
});

test("what the form cannot say is no form", () => {
  const rules = [
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=15",
    "FREQ=MONTHLY;BYMONTHDAY=1,15",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYDAY=5TH",
    "FREQ=MONTHLY;BYDAY=TH",
    "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=26",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
    "FREQ=HOURLY",
  ];
  for (const rule of rules) assert.equal(read(rule), null, rule);
  assert.equal(read("FREQ=MONTHLY", "due", "2026-10-31"), null);
  assert.equal(read("FREQ=YEARLY", "due", "2028-02-29"), null);
});

test("a yearly rule of 29 February is on the 28th in other years", () => {
  const { rule } = toRecurrence(formOf("YEARLY", "2028-02-29"), "2028-02-29");
  assert.equal(rule, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1");
});

test("a date may mean several days of its month", () => {
  assert.deepEqual(meant("2026-11-26"), [
    { by: "day", day: 26 },
    { by: "weekday", nth: 4, weekday: 3 },
    { by: "weekday", nth: -1, weekday: 3 },
    { by: "last" },
  ]);
  assert.deepEqual(meant("2026-11-30"), [{ by: "day", day: 30 }, { by: "weekday", nth: -1, weekday: 0 }, { by: "last" }]);
  assert.deepEqual(meant("2026-11-02"), [{ by: "day", day: 2 }, { by: "weekday", nth: 1, weekday: 0 }, { by: "last" }]);
});

test("without a date the first is the next one of the rule", () => {
  const weekly = formOf("WEEKLY", DUE);
  assert.equal(firstDay(weekly, DUE), DUE);
  assert.equal(firstDay({ ...weekly, every: 3, weekdays: [0, 2] }, DUE), "2026-11-30");
  assert.equal(firstDay({ ...formOf("MONTHLY", DUE), on: { by: "last" } }, DUE), "2026-11-30");
  assert.equal(firstDay({ ...formOf("MONTHLY", DUE), on: { by: "day", day: 3 }, every: 2 }, DUE), "2026-12-03");
  assert.equal(firstDay(formOf("DAILY", DUE), DUE), DUE);
});
