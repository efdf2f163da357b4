// Takes the addresses out of a lock of npm's: where to send money. Those of the archives .npmrc leaves out.
const { readFileSync, writeFileSync } = require("node:fs");

const [, , path] = process.argv;
const lock = JSON.parse(readFileSync(path, "utf8"));
for (const entry of Object.values(lock.packages)) delete entry.funding;
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
