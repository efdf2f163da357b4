// Answers on standard output what the client understands of the lines on standard input, and with which words: the server's tests
// compare both with what the server does.

import { readFileSync } from "node:fs";
import "temporal-polyfill/global";
import { Words } from "../quick/text.ts";
import { LANGUAGES, understand } from "../quick/understand.ts";
import type { Here } from "../quick/understand.ts";

type Line = Omit<Here, "now"> & { text: string; now: string };

function plain(value: unknown): unknown {
  if (value instanceof Words) return plain(value.meanings);
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...(value as Set<string>)].toSorted() : value;
}

function answer({ text, now, ...here }: Line): unknown {
  return understand(text, { ...here, now: Temporal.Instant.from(now) });
}

const lines = JSON.parse(readFileSync(0, "utf8")) as Line[];
const words = Object.entries(LANGUAGES).map(([lang, language]) => [
  lang,
  Object.fromEntries(Object.entries(language).map(([name, value]) => [name, plain(value)])),
]);
process.stdout.write(JSON.stringify({ understood: lines.map(answer), words: Object.fromEntries(words) as unknown }));
