// Some browsers have no Temporal yet. The chunk is loaded by these alone, and before any module that reads a date.
if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");

export {};
