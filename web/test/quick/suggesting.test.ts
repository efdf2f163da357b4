import assert from "node:assert/strict";
import { test } from "node:test";
import { askedAt, completed, matching } from "../../src/quick/suggesting.ts";

test("what is asked for is behind a sign, right before the caret", () => {
  assert.deepEqual(askedAt("Milk #gro", 9), { sign: "#", name: "gro", start: 5 });
  assert.deepEqual(askedAt("@", 1), { sign: "@", name: "", start: 0 });
  assert.deepEqual(askedAt('Milk @"two wo', 13), { sign: "@", name: "two wo", start: 5 });
  assert.equal(askedAt("Milk #gro now", 13), null);
  assert.equal(askedAt("a@b", 3), null);
  assert.equal(askedAt("and/or", 6), null);
  assert.equal(askedAt('Milk @"two" ', 12), null);
});

test("names that begin with it come first, whatever the case and the accents", () => {
  assert.deepEqual(matching(["Café", "Home", "At home", "Work"], "HOM"), ["Home", "At home"]);
  assert.deepEqual(matching(["Café"], "cafe"), []);
  assert.deepEqual(matching(["a", "b"], "").length, 2);
});

test("a name of several words is written in quotes", () => {
  const asked = askedAt("Milk #we now", 8);
  assert.ok(asked);
  assert.deepEqual(completed("Milk #we now", 8, asked, "Website relaunch"), { text: 'Milk #"Website relaunch" now', caret: 25 });
  assert.deepEqual(completed("Milk #we", 8, asked, "Week-end"), { text: "Milk #Week-end ", caret: 15 });
});
