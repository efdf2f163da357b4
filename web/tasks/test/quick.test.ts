// The tables of phrases that the server's tests run too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Preferences } from "../../sync/things.ts";
import { understandMoment } from "../quick/moment.ts";
import { Text } from "../quick/text.ts";
import { understand } from "../quick/understand.ts";
import type { Destination, Here, Understood } from "../quick/understand.ts";

type Phrase = { text: string; now?: string } & Record<string, unknown>;
interface Table {
  now: string;
  timezone: string;
  week_starts_on: Preferences["week_starts_on"];
  lists: Record<string, string[]>;
  phrases: Phrase[];
}

function table<T = Table>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../tests/tasks/quick/${name}`, import.meta.url), "utf8")) as T;
}

/** Lists and sections have their names for ids. */
function destination(name: string, sections: readonly string[] = []): Destination {
  return { id: name, name, sections: sections.map((each) => destination(each)) };
}

function hereOf(known: Table, lang: "en" | "de", now = known.now): Here {
  return {
    now: Temporal.PlainDateTime.from(now).toZonedDateTime(known.timezone).toInstant(),
    timezone: known.timezone,
    lang,
    weekStartsOn: known.week_starts_on,
    dayReminderAt: "09:00:00",
    lists: Object.entries(known.lists).map((each) => destination(...each)),
    listId: null,
  };
}

/** What was understood, as a table has it. */
function asInTable({ text, now }: Phrase, { task }: Understood): Phrase {
  const { list_id, section_id, due, start, ...others } = task;
  return {
    text,
    ...(now !== undefined && { now }),
    ...others,
    ...(list_id && { list: list_id }),
    ...(section_id && { section: section_id }),
    ...(due && { due: { date: due.date, time: due.time } }),
    ...(start && { start: { date: start.date, time: start.time } }),
  };
}

for (const [lang, name] of [["en", "english.json"], ["de", "german.json"]] as const) {
  test(`every phrase of ${name} is understood`, () => {
    const known = table(name);
    for (const phrase of known.phrases) {
      assert.deepEqual(asInTable(phrase, understand(phrase.text, hereOf(known, lang, phrase.now))), phrase);
    }
  });
}

test("no fewer of the phrases of somebody who had not seen the grammar than on the server", () => {
  const known = table("unseen.json");
  const wrong = known.phrases.filter((phrase) => {
    const found = asInTable(phrase, understand(phrase.text, hereOf(known, "en", phrase.now)));
    return !isDeepStrictEqual(inParts(found), inParts(phrase));
  });
  assert.deepEqual(
    wrong.map(({ text }) => text),
    ["milk, eggs and bread saturday #Big shop"],
  );
});

/** The parts of a rule have no order (RFC 5545, section 3.3.10). */
function inParts(phrase: Phrase): unknown {
  const { recurrence } = phrase as { recurrence?: { rule: string } };
  return recurrence ? { ...phrase, recurrence: { ...recurrence, rule: recurrence.rule.split(";").toSorted() } } : phrase;
}

test("places are those of the screen, where some characters count twice", () => {
  const text = "🎂👨‍👩‍👧 Zoë @ça tomorrow";
  const { understood } = understand(text, hereOf(table("english.json"), "en"));
  assert.deepEqual(
    understood.map(({ kind, start, end }) => [kind, text.slice(start, end)]),
    [["tag", "@ça"], ["due", "tomorrow"]],
  );
});

test("a rule without a second date stays in the title, with its dates", () => {
  const { task, understood } = understand("Move house every 999 years", hereOf(table("english.json"), "en"));
  assert.deepEqual([task, understood], [{ title: "Move house every 999 years" }, []]);
});

test("the list that is open is that of the task, if no other is named, and its sections are known", () => {
  const here = { ...hereOf(table("english.json"), "en"), listId: "Home" };
  const placeOf = (text: string) => {
    const { list_id, section_id } = understand(text, here).task;
    return [list_id, section_id];
  };
  assert.deepEqual(placeOf("Paint"), ["Home", undefined]);
  assert.deepEqual(placeOf("Paint /kitchen"), ["Home", "Kitchen"]);
  assert.deepEqual(placeOf("Paint /kitchen #work"), ["Work", undefined]);
});

test("no line takes longer than its length", (context) => {
  const { at } = Text.prototype;
  const here = hereOf(table("english.json"), "en");
  let count = 0;
  Text.prototype.at = function counted(index) {
    count++;
    return at.call(this, index);
  };
  context.after(() => (Text.prototype.at = at));
  const looks = (text: string, lang: "en" | "de"): number => {
    count = 0;
    understand(text, { ...here, lang });
    return count;
  };
  for (const seed of table<Record<string, string[]>>("hostile.json")["repeated up to 500 characters"] ?? []) {
    for (const lang of ["en", "de"] as const) {
      const text = [...seed.repeat(500)];
      const whole = looks(text.slice(0, 500).join(""), lang);
      const half = looks(text.slice(0, 250).join(""), lang);
      assert.ok(whole < 30_000 && whole < 2.6 * half + 500, `${seed}: ${whole} after ${half}`);
    }
  }
});

test("where only a date is asked for, a text is one or none", () => {
  const momentOf = (text: string, lang: "en" | "de" = "en"): string | null => {
    const moment = understandMoment(text, hereOf(table("english.json"), lang));
    return moment && [moment.date, moment.time].filter(Boolean).join(" ");
  };
  assert.equal(momentOf("next friday 5pm"), "2026-12-04 17:00:00");
  assert.equal(momentOf(" Fri "), "2026-11-27");
  assert.equal(momentOf("15th"), "2026-12-15");
  assert.equal(momentOf("weekend"), "2026-11-28");
  assert.equal(momentOf("dec 24 at 9"), "2026-12-24 09:00:00");
  assert.equal(momentOf("12/24"), "2026-12-24");
  assert.equal(momentOf("2 weeks"), "2026-12-10");
  assert.equal(momentOf("17:30"), "2026-11-26 17:30:00");
  assert.equal(momentOf("9"), "2026-11-27 09:00:00");
  assert.equal(momentOf("nächsten freitag 17 uhr", "de"), "2026-12-04 17:00:00");
  assert.equal(momentOf("übermorgen abend", "de"), "2026-11-28 18:00:00");
  assert.equal(momentOf("15.", "de"), "2026-12-15");
  assert.equal(momentOf("drei tagen", "de"), "2026-11-29");
  for (const text of ["", "  ", "friday dentist", "call Bob", "every day", "tomorrow friday", "31.2.", "#home", "at"]) {
    assert.equal(momentOf(text), null, text);
  }
});
