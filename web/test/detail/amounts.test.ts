import assert from "node:assert/strict";
import { test } from "node:test";
import { minutesOf } from "../../src/detail/amounts.ts";

test("how long something takes, as people write it", () => {
  const said: Record<string, number | null> = {
    "90": 90, "45 min": 45, "45m": 45, "1h": 60, "1h30": 90, "1 h 30 min": 90, "1.5h": 90, "1,5 Std.": 90, "2 hours": 120, "1:30": 90,
    "2 Stunden 15 Minuten": 135, "1 Stunde 30 Min.": 90, "": null, "soon": null, "0": null, "1:75": null, "-5": null, "10000h": null,
  };
  for (const [text, minutes] of Object.entries(said)) assert.equal(minutesOf(text), minutes, text);
});
