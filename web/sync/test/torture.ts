/** The model for as long as one likes: `npm run torture -- 5000`, and the seed of a run that failed as the second argument. */

import fc from "fast-check";

import { run, steps } from "./model.ts";

const [runs = "2000", seed = String(Math.trunc(Math.random() * 2 ** 31))] = process.argv.slice(2);
console.log(`${runs} runs, seed ${seed}`);
await fc.assert(fc.asyncProperty(steps(120), run), { numRuns: Number(runs), seed: Number(seed) });
console.log("All are equal, and nothing is lost.");
