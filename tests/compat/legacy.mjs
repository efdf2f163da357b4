// The TypeScript SDK of the older era.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { tell } from "./story.mjs";

const [, , url, token] = process.argv;
const requestInit = { headers: { Authorization: `Bearer ${token}` } };
const client = new Client({ name: "compat", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
await client.ping();
await tell(client);
await client.close();
console.log("ok");
