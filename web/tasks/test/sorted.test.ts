import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Sorted } from "../sorted.ts";

const NUMBERS = Array.from({ length: 100 }, (_, value) => ({ value }));
type Item = (typeof NUMBERS)[number];

test("whatever comes and goes between two looks, all that is there is in its order", () => {
  const toggles = fc.array(fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 120, size: "max" }), { maxLength: 6, size: "max" });
  fc.assert(
    fc.property(toggles, fc.subarray(NUMBERS), (looks, first) => {
      const sorted = new Sorted<Item>((a, b) => a.value - b.value, first);
      const there = new Set(first);
      for (const look of looks) {
        for (const number of look) {
          const item = NUMBERS[number];
          assert(item);
          if (there.delete(item)) sorted.delete(item);
          else {
            there.add(item);
            sorted.add(item);
          }
        }
        assert.equal(sorted.size, there.size);
        const wanted = [...there].toSorted((a, b) => a.value - b.value);
        assert.deepEqual(sorted.items, wanted);
        for (const bound of [0, 50, 100]) {
          assert.equal(sorted.before((item) => item.value >= bound), wanted.filter((item) => item.value < bound).length);
        }
      }
    }),
  );
});
