import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { beside, between, compare, first, last } from "../positions.ts";

interface Table {
  ends: { revision: number; first: string; last: string }[];
  between: [string, string, string][];
}
const TABLE = JSON.parse(
  readFileSync(new URL("../../../tests/owned/positions.json", import.meta.url), "utf8"),
) as Table;

test("the keys are those that the server makes", () => {
  for (const end of TABLE.ends) assert.deepEqual([first(end.revision), last(end.revision)], [end.first, end.last]);
  for (const [low, high, key] of TABLE.between) assert.equal(between(low, high), key);
});

test("whatever is moved where, the order of the keys is the order of the moves", () => {
  const moves = fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.constantFrom("before", "after", "first", "last")), { maxLength: 120, size: "max" });
  fc.assert(
    fc.property(moves, (steps) => {
      const keys = new Map<number, string>();
      const order: number[] = [];
      for (const [revision, [what, where, how]] of steps.entries()) {
        const thing = what < order.length ? order.splice(what, 1)[0] : revision;
        assert(thing !== undefined);
        keys.delete(thing);
        const neighbour = order[where % (order.length || 1)];
        const index = order.length === 0 || how === "last" ? order.length : how === "first" ? 0 : (where % order.length) + (how === "after" ? 1 : 0);
        const here = neighbour === undefined ? undefined : keys.get(neighbour);
        const key =
          here !== undefined && (how === "before" || how === "after")
            ? beside(keys.values(), here, how, revision)
            : how === "first"
              ? first(revision)
              : last(revision);
        keys.set(thing, key);
        order.splice(index, 0, thing);
        assert.deepEqual([...keys].toSorted(([, a], [, b]) => compare(a, b)).map(([id]) => id), order);
        assert.equal(new Set(keys.values()).size, order.length);
        assert(!key.endsWith("-"));
      }
    }),
  );
});
