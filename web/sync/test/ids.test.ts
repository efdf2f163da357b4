import assert from "node:assert/strict";
import { test } from "node:test";

import { derivedId, newId } from "../ids.ts";

test("the id of a successor is the one that the server will choose", () => {
  assert.equal(derivedId("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "python.org"), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
  assert.equal(derivedId("9b2ddf3c-6c1e-4d0e-9f44-0f6b4e3d8a17", "next"), "359bc4dc-a433-59bc-a12a-a6baa6d1a68a");
  const long = derivedId("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "a".repeat(200)); // four blocks
  assert.equal(long, "fe30bfa6-ef90-59b3-b108-118411d0f0ab");
});

test("a new id is a random UUID", () => {
  const ids = new Set(Array.from({ length: 100 }, newId));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
