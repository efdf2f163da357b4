import assert from "node:assert/strict";
import { test } from "node:test";
import { sayMinutes, sayMoment, sayReminder } from "../../src/detail/saying.ts";
import { sayRule } from "../../src/detail/saying_rules.ts";
import { de } from "../../src/words/de/de.ts";
import { en } from "../../src/words/en/en.ts";
import { sayDay, type Voice, weekdayName, whenOf } from "../../src/words/dates.ts";
import type { Moment } from "../../sync/things.ts";

// Whoever runs this may speak anything.
Object.defineProperty(navigator, "languages", { value: ["en-GB", "de-DE"], configurable: true });

const now = Temporal.ZonedDateTime.from("2026-11-26T10:00:00[Europe/Berlin]"); // a Thursday
const english: Voice = { says: en, language: "en", now };
const german: Voice = { says: de, language: "de", now };

function moment(date: string, time: string | null = null, timezone: string | null = null): Moment {
  return { date, time, timezone };
}

function inRow(due: Moment | null, voice = english, is_completed = false): readonly [string, string] | null {
  const when = whenOf({ due, is_completed }, voice);
  return when && [when.text, when.look];
}

test("a date in a row is short", () => {
  assert.equal(inRow(null), null);
  assert.deepEqual(inRow(moment("2026-11-26")), ["Today", "today"]);
  assert.deepEqual(inRow(moment("2026-11-26", "17:30:00")), ["Today 17:30", "today"]);
  assert.deepEqual(inRow(moment("2026-11-27")), ["Tomorrow", ""]);
  assert.deepEqual(inRow(moment("2026-12-02")), ["Wed", ""]);
  assert.deepEqual(inRow(moment("2026-12-03")), ["3 Dec", ""]);
  assert.deepEqual(inRow(moment("2026-12-24", "08:00:00")), ["24 Dec 08:00", ""]);
  assert.deepEqual(inRow(moment("2027-01-05")), ["5 Jan 2027", ""]);
  assert.deepEqual(inRow(moment("2026-11-27", "09:00:00"), german), ["Morgen, 09:00", ""]);
  assert.deepEqual(inRow(moment("2026-12-24"), german), ["24. Dez.", ""]);
});

test("the day that a heading has said is not said again", () => {
  const under = (due: Moment, day: string) => whenOf({ due, is_completed: false }, english, day);
  assert.equal(under(moment("2026-11-28"), "2026-11-28"), null);
  assert.deepEqual(under(moment("2026-11-28", "16:00:00"), "2026-11-28"), { text: "16:00", look: "" });
  assert.deepEqual(under(moment("2026-11-26", "09:00:00"), "2026-11-26"), { text: "09:00", look: "overdue" });
  assert.deepEqual(under(moment("2026-11-28"), "2026-11-26"), { text: "Sat", look: "" });
});

test("a whole day is overdue when it is over, and a time when it has come, unless it is done", () => {
  assert.deepEqual(inRow(moment("2026-11-25")), ["Yesterday", "overdue"]);
  assert.deepEqual(inRow(moment("2026-10-01")), ["1 Oct", "overdue"]);
  assert.deepEqual(inRow(moment("2026-11-26", "10:00:00")), ["Today 10:00", "overdue"]);
  assert.deepEqual(inRow(moment("2026-11-26", "10:00:01")), ["Today 10:00", "today"]);
  assert.deepEqual(inRow(moment("2026-11-25"), english, true), ["Yesterday", ""]);
});

test("in a row a time of another zone is that of the person's clock", () => {
  assert.deepEqual(inRow(moment("2026-11-26", "23:30:00", "America/New_York")), ["Tomorrow 05:30", ""]);
  assert.deepEqual(inRow(moment("2026-11-26", "11:00:00", "Asia/Tokyo")), ["Today 03:00", "overdue"]);
  const unknown = { ...moment("2026-11-26", "11:00:00", "Mars/Olympus"), at: "2026-11-27T07:00:00.000000Z" };
  assert.deepEqual(inRow(unknown), ["Tomorrow 08:00", ""]);
  assert.equal(sayMoment(moment("2026-11-26", "23:30:00", "America/New_York"), english), "Today 23:30 (New York)");
});

test("the person's own variety of the language says the day first, or the month", () => {
  Object.defineProperty(navigator, "languages", { value: ["fr-FR", "en-US"], configurable: true });
  try {
    assert.deepEqual(inRow(moment("2026-12-24", "17:30:00"))?.[0], "Dec 24 5:30 PM");
  } finally {
    Object.defineProperty(navigator, "languages", { value: ["en-GB", "de-DE"], configurable: true });
  }
});

test("where there is room, a day has its weekday", () => {
  assert.equal(sayDay("2026-12-02", english), "Wednesday");
  assert.equal(sayDay("2026-12-24", english), "Thu 24 Dec");
  assert.equal(sayDay("2027-01-05", german), "Di., 5. Jan. 2027");
  assert.equal(weekdayName(6, "de", "short"), "So");
});

test("rules are said in words", () => {
  const rule = (text: string, voice: Voice, from: "due" | "completion" = "due") =>
    sayRule({ rule: text, from, occurrence: "2026-11-26" }, "2026-11-26", voice);
  assert.equal(rule("FREQ=DAILY", english), "Every day");
  assert.equal(rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", english), "Every 2 weeks on Monday");
  assert.equal(rule("FREQ=WEEKLY;BYDAY=MO,TH", german), "Jede Woche am Mo und Do");
  assert.equal(rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", english), "Every weekday");
  assert.equal(rule("FREQ=MONTHLY;BYMONTHDAY=-1", german), "Jeden Monat am letzten Tag");
  assert.equal(rule("FREQ=MONTHLY;BYDAY=-1FR", english), "Every month on the last Friday");
  assert.equal(rule("FREQ=DAILY;INTERVAL=3", english, "completion"), "Every 3 days after completion");
  assert.equal(rule("FREQ=DAILY;UNTIL=20261224", english), "Every day until Thu 24 Dec");
  assert.equal(rule("FREQ=DAILY;COUNT=5", german), "Jeden Tag, 5-mal");
});

test("rules that the screen has no form for are said in words where there are some, and else as they stand", () => {
  const rule = (text: string, voice: Voice) => sayRule({ rule: text, from: "due", occurrence: "2026-11-26" }, "2026-11-26", voice);
  assert.equal(rule("FREQ=MONTHLY;BYMONTHDAY=1,15", english), "Every month on the 1st and the 15th");
  assert.equal(rule("FREQ=MONTHLY;BYMONTHDAY=-1,15", german), "Jeden Monat am 15. und letzten Tag");
  assert.equal(rule("FREQ=MONTHLY;BYDAY=1MO,3MO;COUNT=4", english), "Every month on the 1st Monday and the 3rd Monday, 4 times");
  assert.equal(rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", english), "Every month on the last working day");
  assert.equal(rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=15", german), "Jeden Monat am 15. Werktag");
  assert.equal(rule("FREQ=YEARLY;BYMONTH=5,6;BYMONTHDAY=1", english), "Every year on 1 May and 1 June");
  assert.equal(rule("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", english), "Every year on the 4th Thursday of November");
  assert.equal(rule("FREQ=YEARLY;BYMONTH=5;BYDAY=2SU;INTERVAL=2", german), "Alle 2 Jahre am 2. Sonntag im Mai");
  for (const other of ["FREQ=MONTHLY;BYMONTHDAY=-2", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=TH", "FREQ=HOURLY"]) {
    assert.equal(rule(other, english), other);
  }
});

test("of what a calendar program has made is said that it is another's", () => {
  const rule = (text: string, voice: Voice) => sayRule({ rule: text, from: "due", occurrence: "2026-11-26", is_supported: false }, "2026-11-26", voice);
  assert.equal(rule("FREQ=WEEKLY;BYDAY=MO", english), "Every week on Monday, as set in a calendar app");
  assert.equal(rule("FREQ=HOURLY;INTERVAL=6", english), "By a rule that a calendar app made");
  assert.equal(rule("FREQ=HOURLY;INTERVAL=6", german), "Nach einer Regel aus einer Kalender-App");
});

test("reminders and lengths are said in words", () => {
  const due = moment("2026-11-27", "09:00:00");
  const reminder = (offset: string, voice: Voice, of: "due" | "start" = "due", at = due) =>
    sayReminder({ offset, relative_to: of }, at, "09:00:00", voice);
  assert.equal(reminder("PT0M", english), "When it is due");
  assert.equal(reminder("-PT30M", english), "30 min before");
  assert.equal(reminder("-PT1H30M", english), "1 hour 30 min before");
  assert.equal(reminder("-P1D", german), "1 Tag vorher");
  assert.equal(reminder("-P1W", english, "start"), "1 week before the start");
  assert.equal(reminder("-P1D", english, "due", moment("2026-11-27")), "The day before at 09:00");
  assert.equal(sayReminder({ at: "2026-11-27T08:00:00.000000Z" }, due, "09:00:00", english), "Tomorrow 09:00");
  assert.equal(sayMinutes(90, "en"), "1 hour 30 min");
});
