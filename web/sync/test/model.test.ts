import { test } from "node:test";

import * as fc from "fast-check";

import { run, steps } from "./model.ts";

test("three devices that come and go are equal in the end, and nothing is lost without being shown", async () => {
  await fc.assert(fc.asyncProperty(steps(40), run), { numRuns: 20, seed: 15, endOnFailure: false });
});
