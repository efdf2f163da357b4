import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as forAll, nat, property, string } from "fast-check";
import { masked, moved, type Span, unmasked } from "../../src/quick/masks.ts";

test("a masked line is as long, and comes back as it was written", () => {
  const texts = string({ unit: "grapheme", maxLength: 40 });
  forAll(
    property(texts, nat(40), nat(40), (text, one, other) => {
      const [start, end] = [Math.min(one, other, text.length), Math.min(Math.max(one, other), text.length)];
      const line = masked(text, [[start, end]]);
      assert.equal(line.length, text.length);
      assert.equal(line.slice(0, start) + line.slice(end), text.slice(0, start) + text.slice(end));
      assert.equal(unmasked(line, text, [[start, end]]), text);
    }),
  );
});

test("what is masked is a word that no language has, also where the line has such letters", () => {
  assert.match(masked("Buy milk tomorrow", [[9, 17]]), /^Buy milk [\ua000-\ua48c]{8}$/);
  assert.match(masked("ꀀ tomorrow", [[2, 10]]), /^ꀀ \p{sc=Hangul}{8}$/u);
});

test("masks move with the text around them, and go when they are edited", () => {
  const at: Span[] = [[9, 17]]; // "tomorrow"
  const text = "Buy milk tomorrow morning";
  assert.deepEqual(moved(at, text, "Buy oat milk tomorrow morning"), [[13, 21]]);
  assert.deepEqual(moved(at, text, "Buy milk tomorrow mornings"), at);
  assert.deepEqual(moved(at, text, "milk tomorrow morning"), [[5, 13]]);
  assert.deepEqual(moved(at, text, "Buy milk tomorow morning"), []);
  assert.deepEqual(moved(at, text, "Buy milk tomorrows morning"), []);
  assert.deepEqual(moved(at, text, "Buy milk, tomorrow morning"), [[10, 18]]);
  assert.deepEqual(moved(at, text, ""), []);
  assert.deepEqual(moved(at, "Buy milk tomorrow", "Buy milk tomorrow!"), at);
});
