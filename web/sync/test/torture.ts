/** The model for as long as one likes: `npm run torture -- 5000`, the seed of a run that failed as the second argument, and then the word `shrink`. */

import * as fc from "fast-check";

import { run, steps } from "./model.ts";

const [runs = "2000", seed = String(Math.trunc(Math.random() * 2 ** 31))] = process.argv.slice(2);
process.stdout.write(`${runs} runs, seed ${seed}\n`);
await fc.assert(fc.asyncProperty(steps(Number(process.argv[5] ?? 120)), run), { numRuns: Number(runs), seed: Number(seed), endOnFailure: process.argv[4] !== "shrink" });
process.stdout.write("All are equal, and nothing is lost.\n");
