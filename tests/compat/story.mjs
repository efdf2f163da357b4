// What a host does with Doable's tools, whichever SDK it was written with. The SDK holds each answer to the tool's outputSchema.
import assert from "node:assert/strict";

const json = (result) => JSON.parse(result.content[0].text);

export async function tell(client) {
  const { tools } = await client.listTools();
  assert.equal(tools.length, 9);
  assert.ok(tools.every((tool) => tool.title && tool.annotations.openWorldHint === false));
  const call = async (name, args = {}) => {
    const result = await client.callTool({ name, arguments: args });
    assert.ok(!result.isError, result.content[0].text);
    assert.deepEqual(result.structuredContent, json(result));
    return result.structuredContent;
  };
  const { today } = await call("get_overview");
  assert.match(today, /^\d{4}-\d\d-\d\d$/);
  await call("save_list", { name: "Größe 👩‍👩‍👧" });
  const { tasks } = await call("add_tasks", { tasks: [{ title: "Hafermilch «ü»", due: "tomorrow", list: "größe 👩‍👩‍👧" }] });
  const ids = tasks.map((task) => task.id);
  assert.equal((await call("find_tasks", { query: "hafermilch" })).tasks[0].title, "Hafermilch «ü»");
  await call("update_tasks", { changes: [{ id: ids[0], priority: "high", repeat: "every monday" }] });
  const done = await call("complete_tasks", { ids });
  assert.equal(done.next.length, 1);
  await call("undo", { undo: done.undo });
  assert.equal((await call("get_task", { id: ids[0] })).completed, false);
  const refused = await client.callTool({ name: "get_task", arguments: { id: "nonsense" } });
  assert.equal(refused.isError, true);
  assert.match(json(refused).error, /^id: must be a UUID/);
  await call("delete_tasks", { ids });
  await assert.rejects(client.callTool({ name: "drop_tasks", arguments: {} }), /no such tool/);
}
