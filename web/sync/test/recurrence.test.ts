// The tables that the server's tests run too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { instantOf, instantToText, todayIn } from "../dates.ts";
import { datesOf, goesOn } from "../occurrences.ts";
import { skipped, successorOf } from "../recurrence.ts";
import type { Dated } from "../recurrence.ts";
import { parseRule } from "../rules.ts";
import type { Rule } from "../rules.ts";

type Case = { rule: string; anchor: string; after?: string; from?: string };
type Series = Dated & { now: string; timezone: string; completed: Dated | null; skipped: Dated | null };

const rules: { dates: (Case & { dates: string[] })[]; rules: (Case & { is_supported: boolean })[] } = table("rules.json");
const { series }: { series: Series[] } = table("series.json");

function table<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../tests/tasks/recurrence/${name}`, import.meta.url), "utf8")) as T;
}

function read(text: string): Rule {
  const rule = parseRule(text);
  assert.ok(rule, text);
  return rule;
}

test("rules have the dates that the server finds", () => {
  for (const { rule, anchor, after, dates } of rules.dates) {
    const found = datesOf(read(rule), anchor, after ?? anchor).take(dates.length || 1);
    assert.deepEqual([...found], dates, `${rule} from ${anchor}`);
  }
});

test("no other rules are taken than those that the server takes", () => {
  for (const { rule: text, anchor, from, is_supported } of rules.rules) {
    const rule = parseRule(text, from === "completion");
    assert.equal(rule !== null && goesOn(rule, anchor, from === "completion"), is_supported, text);
  }
});

test("series go on where the server goes on with them", () => {
  for (const { now, timezone, completed, skipped: afterwards, ...task } of series) {
    assert.deepEqual(successorOf(task, Temporal.Instant.from(now), timezone), completed, JSON.stringify(task));
    assert.deepEqual(skipped(task), afterwards, JSON.stringify(task));
  }
});

test("without a date, or by a rule that only a newer server knows, no series goes on", () => {
  const due = { date: "2026-11-26", time: null, timezone: null };
  const now = Temporal.Instant.from("2026-11-26T10:00:00Z");
  const recurrence = { rule: "FREQ=DAILY", from: "due" } as const;
  assert.equal(successorOf({ due: null, start: null, recurrence }, now, "UTC"), null);
  assert.equal(successorOf({ due, start: null, recurrence: { ...recurrence, rule: "FREQ=HOURLY" } }, now, "UTC"), null);
  assert.equal(skipped({ due, start: null, recurrence: null }), null);
});

test("where only the server knows, nothing is made that may be wrong", () => {
  const due = { date: "2026-11-26", time: null, timezone: null };
  const now = Temporal.Instant.from("2026-11-26T10:00:00Z");
  for (const rule of ["FREQ=HOURLY", "FREQ=DAILY"]) {
    const recurrence = { rule, from: "due", occurrence: due.date, is_supported: false } as const;
    assert.equal(successorOf({ due, start: null, recurrence }, now, "UTC"), null);
    assert.equal(skipped({ due, start: null, recurrence }), null);
  }
});

test("in a zone that the device does not know, dates go on by the clock of the preferences", () => {
  const due = { date: "2026-11-26", time: "09:00:00", timezone: "Mars/Olympus", at: "2026-11-26T09:00:00.000000Z" };
  const task: Dated = { due, start: null, recurrence: { rule: "FREQ=DAILY", from: "due", occurrence: "2026-11-26" } };
  const now = Temporal.Instant.from("2026-11-27T08:30:00Z"); // in Berlin it is past nine
  const next = { ...due, date: "2026-11-28", at: "2026-11-28T09:00:00.000000Z" };
  assert.deepEqual(successorOf(task, now, "Europe/Berlin")?.due, next);
});

function shown(date: string, time: string, zone: string): string {
  return instantToText(instantOf(date, time, zone));
}

test("a time that is skipped is moved, and one that comes twice is the first", () => {
  assert.equal(shown("2027-03-28", "02:30:00", "Europe/Berlin"), "2027-03-28T01:30:00.000000Z");
  assert.equal(shown("2026-10-25", "02:30:00", "Europe/Berlin"), "2026-10-25T00:30:00.000000Z");
  assert.equal(shown("2026-10-04", "02:15:00", "Australia/Lord_Howe"), "2026-10-03T15:45:00.000000Z");
});

test("today is that of the zone", () => {
  const now = Temporal.Instant.from("2026-11-26T23:30:00Z");
  assert.equal(todayIn("Europe/Berlin", now), "2026-11-27");
  assert.equal(todayIn("America/New_York", now), "2026-11-26");
});

test("the rarest dates and the longest series are found in few steps", (context) => {
  // Each step of a search is a month or a year, whose first day is counted by this.
  const { mock } = context.mock.method(Date, "UTC");
  const rare = ["FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29;BYDAY=MO", "FREQ=MONTHLY;COUNT=1000", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"];
  for (const rule of rare) {
    const due = { date: "1970-02-28", time: null, timezone: null };
    const recurrence = { rule, from: "due", occurrence: due.date } as const;
    successorOf({ due, start: null, recurrence }, Temporal.Instant.from("2150-01-01T00:00:00Z"), "UTC");
  }
  assert.ok(mock.callCount() > 1000);
  assert.ok(mock.callCount() < 10_000, String(mock.callCount()));
});
