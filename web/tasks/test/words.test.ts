import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { casefold, keyOf } from "../../sync/texts.ts";
import { matches, MOST_TERMS, termsOf, wordsOf, wordsOfTask } from "../words.ts";

interface Table {
  tasks: { title: string; description?: string }[];
  queries: { q: string; finds: string[] }[];
  nothing_to_search: string[];
}
const TABLE = JSON.parse(readFileSync(new URL("../../../tests/tasks/words.json", import.meta.url), "utf8")) as Table;

test("searches find what the table says", () => {
  const words = TABLE.tasks.map(({ title, description = null }) => ({ title, words: wordsOfTask({ title, description }) }));
  for (const { q, finds } of TABLE.queries) {
    const terms = termsOf(q);
    assert(terms.length > 0 && terms.length <= MOST_TERMS);
    const found = words.filter((each) => matches(each.words, terms)).map((each) => each.title);
    assert.deepEqual(new Set(found), new Set(finds), q);
  }
  for (const text of TABLE.nothing_to_search) assert.deepEqual(termsOf(text), [], text);
});

test("one term is one, however often it is said", () => {
  assert.deepEqual(termsOf('oat OAT "oat" %'), [" oat", " oat "]);
});

const LETTERS = [..."aAbé\u0301 ßİıøæĲﬁ½²'\u2019-_%\"¶\n\u3000\u200d\u00ad\ufe0fガカｶﾞ\u3099東々\u3007한\u1112\u1161กที่ำ๑ລမျខ្មे👩🏽🇩❤℃1\uff19"];
const TEXTS = fc.array(fc.oneof(fc.constantFrom(...LETTERS), fc.string({ unit: "grapheme", maxLength: 3 })), { maxLength: 30, size: "max" }).map((each) => each.join(""));

test("a task is found by what is in it", () => {
  fc.assert(
    fc.property(TEXTS, TEXTS, (title, description) => {
      const words = wordsOfTask({ title, description });
      for (const text of [title, description]) {
        const whole = text.replaceAll('"', " ");
        for (const asked of [whole, `"${whole}"`, ...whole.split(/\s+/)]) assert(matches(words, termsOf(asked)), asked);
      }
      assert.equal(wordsOf(wordsOf(title)), wordsOf(title));
    }),
  );
});

test("names of one tag have one key, and others have not", () => {
  const same = [["Größe", "GRÖSSE"], ["ΚΑΦΈΣ", "καφές"], ["ẞ", "ss"], ["ﬁ", "FI"], ["e\u0301", "É"], ["ǅ", "ǆ"], ["İ", "i\u0307"], ["ᾳ", "ΑΙ"]];
  for (const [a = "", b = ""] of same) assert.equal(keyOf(a), keyOf(b), a);
  for (const [a = "", b = ""] of [["ı", "i"], ["é", "e"], ["ø", "o"], ["カ", "ガ"]]) assert.notEqual(keyOf(a), keyOf(b), a);
  assert.equal(casefold("ΟΔΟΣ ıI"), "οδοσ ıi");
});
