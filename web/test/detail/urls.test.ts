import assert from "node:assert/strict";
import { test } from "node:test";
import { withScheme } from "../../src/detail/urls.ts";

test("an address gets a scheme, and none that runs something", () => {
  const said: Record<string, string | null> = {
    "example.com/a?b=c": "https://example.com/a?b=c",
    " http://example.com ": "http://example.com",
    "localhost:8000/x": "https://localhost:8000/x",
    "mailto:a@example.com": "mailto:a@example.com",
    "obsidian://open?vault=x": "obsidian://open?vault=x",
    "JavaScript:alert(1)": null,
    "data:text/html,x": null,
    "vbscript:x": null,
    "two words": null,
    "java\tscript:alert(1)": null,
    "https://": null,
  };
  for (const [text, address] of Object.entries(said)) assert.equal(withScheme(text), address, text);
});
