// The TypeScript SDK that speaks both eras, in each of its modes.
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { tell } from "./story.mjs";

const [, , url, token] = process.argv;
const requestInit = { headers: { Authorization: `Bearer ${token}` } };
for (const [mode, version] of [["auto", "2026-07-28"], ["legacy", "2025-11-25"], [{ pin: "2026-07-28" }, "2026-07-28"]]) {
  const client = new Client({ name: "compat", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  assert.equal(client.getNegotiatedProtocolVersion(), version);
  await tell(client);
  await client.close();
}
console.log("ok");
