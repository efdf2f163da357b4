import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { toldOf } from "../../src/words/filter_told.ts";
import { filter as de } from "../../src/words/de/filter.ts";
import { filter as en } from "../../src/words/en/filter.ts";
import { parseFilter } from "../../tasks/filter.ts";
import { FilterInvalid } from "../../tasks/filter_invalid.ts";

const TABLE = JSON.parse(readFileSync(new URL("../../../tests/tasks/filters.json", import.meta.url), "utf8")) as {
  told: { text: string; message: string }[];
};

function invalid(text: string): FilterInvalid {
  try {
    parseFilter(text);
  } catch (error) {
    assert(error instanceof FilterInvalid);
    return error;
  }
  assert.fail(`${text} was read`);
}

test("what is wrong with a filter is told as the server tells it", () => {
  for (const { text, message } of TABLE.told) assert.equal(toldOf(invalid(text), "en"), message, text);
  assert.equal(toldOf(invalid(`search:${"a".repeat(201)}`), "en"), "Expected at most 200 characters to search for.");
});

test("it is told in German as well, of everything", () => {
  for (const { text } of TABLE.told) {
    const [told, english] = [toldOf(invalid(text), "de"), toldOf(invalid(text), "en")];
    assert.notEqual(told, english);
    assert(!/undefined|null|Expected/.test(told), told);
  }
  assert.equal(toldOf(invalid("p5"), "de"), "Das ist keine Bedingung. Schreib p1, p2, p3 oder p4.");
  assert.deepEqual(Object.keys(de.expected), Object.keys(en.expected));
});
