// A Better Auth server with its jwt plugin, as its documentation has it, and a database in memory.
// DELETE /keys forgets its keys, so that it signs with a new one.

import { createServer } from "node:http"
import { betterAuth } from "better-auth"
import { memoryAdapter } from "better-auth/adapters/memory"
import { toNodeHandler } from "better-auth/node"
import { jwt } from "better-auth/plugins"

const port = Number(process.env.PORT)
const database = { user: [], session: [], account: [], verification: [], jwks: [] }

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${port}`,
  secret: process.env.BETTER_AUTH_SECRET,
  database: memoryAdapter(database),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [jwt()],
})
const handle = toNodeHandler(auth)

createServer((request, response) => {
  if (request.method === "DELETE" && request.url === "/keys") {
    database.jwks.length = 0
    response.end()
  } else {
    handle(request, response)
  }
}).listen(port, "127.0.0.1")
