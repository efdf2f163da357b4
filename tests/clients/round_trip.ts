// A session with both generated clients, as an app would have it: sign up, make a task, find it, complete it, delete it.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";
import * as sdk from "./hey";
import { createClient as createHeyClient } from "./hey/client";

declare const process: { argv: string[] };

function equal(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${String(found)} is not ${String(expected)}`);
}

const [baseUrl, email] = process.argv.slice(2) as [string, string];
const password = "correct horse battery staple";

async function openapiTypescript(): Promise<void> {
  const client = createClient<paths>({ baseUrl });
  const signedUp = await client.POST("/api/auth/signup", { body: { email: `one.${email}`, password } });
  equal(signedUp.response.status, 201);
  if (signedUp.data === undefined || !("access_token" in signedUp.data)) throw new Error("no tokens");
  client.use({
    onRequest: ({ request }) => {
      request.headers.set("Authorization", `Bearer ${token}`);
    },
  });
  const token = signedUp.data.access_token;
  const me = { user_id: "me" };
  const created = await client.POST("/api/{user_id}/tasks", { params: { path: me }, body: { title: "Buy oat milk" } });
  const task: components["schemas"]["TaskRead"] = created.data!;
  const page = await client.GET("/api/{user_id}/tasks", { params: { path: me, query: { limit: 10 } } });
  equal(page.data!.total, 1);
  equal(page.data!.tasks[0]!.title, "Buy oat milk");
  const path = { ...me, task_id: task.id };
  const body = { due: { date: "2026-12-01", time: "09:00" }, priority: "high", tags: ["shop"] } as const;
  const planned = await client.PATCH("/api/{user_id}/tasks/{task_id}", { params: { path }, body: { ...body, tags: [...body.tags] } });
  equal(planned.data!.due!.time, "09:00:00");
  const later = await client.PATCH("/api/{user_id}/tasks/{task_id}", { params: { path }, body: { due: { time: null } } });
  equal(later.data!.due!.date + later.data!.due!.time + later.data!.tags.join(), "2026-12-01nullshop");
  const done = await client.PATCH("/api/{user_id}/tasks/{task_id}/complete", { params: { path }, body: { is_completed: true } });
  const completed: string | null = done.data!.completed_at;
  equal(typeof completed, "string");
  const deleted = await client.DELETE("/api/{user_id}/tasks/{task_id}", { params: { path, header: { Undo: "1" } } });
  equal(deleted.response.status, 204);
  const gone = await client.GET("/api/{user_id}/tasks/{task_id}", { params: { path } });
  const error: components["schemas"]["ErrorRead"] = gone.error!;
  equal(error.code, "task_not_found");
  const undo = { ...me, token: deleted.response.headers.get("Undo-Token")! };
  equal((await client.POST("/api/{user_id}/undo/{token}", { params: { path: undo } })).data!.undone, 1);
}

async function heyApi(): Promise<void> {
  let token = "";
  const client = createHeyClient({ baseUrl, auth: () => token });
  const signedUp = await sdk.signUp({ client, body: { email: `two.${email}`, password } });
  if (signedUp.data === undefined || !("access_token" in signedUp.data)) throw new Error("no tokens");
  token = signedUp.data.access_token;
  const me = { user_id: "me" };
  const list = await sdk.createList({ client, path: me, body: { name: "Groceries" } });
  const due = { date: "2026-12-01", time: "09:00", timezone: "Europe/Berlin" };
  const body = { title: "Buy oat milk", list_id: list.data!.id, due, priority: "high", tags: ["shop"] } as const;
  const created = await sdk.createTask({ client, path: me, body: { ...body, tags: [...body.tags] } });
  equal(created.data!.due!.at, "2026-12-01T08:00:00.000000Z");
  const page = await sdk.listTasks({ client, path: me, query: { limit: 10 } });
  equal(page.data!.total, 1);
  const query = { list: ["inbox", list.data!.id], completed: false, sort: "updated_at" } as const;
  equal((await sdk.listTasks({ client, path: me, query: { ...query, list: [...query.list] } })).data!.tasks.length, 1);
  const path = { ...me, task_id: created.data!.id };
  const tagged = await sdk.tagTask({ client, path, body: { tags: ["home"] } });
  equal(tagged.data!.tags.join(), "home,shop");
  equal((await sdk.completeTask({ client, path, body: { is_completed: true } })).data!.is_completed, true);
  equal((await sdk.deleteTask({ client, path })).response!.status, 204);
  const gone = await sdk.getTask({ client, path });
  equal(gone.error!.code, "task_not_found");
  const refused = await sdk.createTask({ client, path: me, body: { title: "" } });
  equal(refused.error!.message, "title: must not be empty.");
}

openapiTypescript()
  .then(heyApi)
  .then(() => console.log("ok"));
