import assert from "node:assert/strict";
import { test } from "node:test";

import type { Client } from "../client.ts";
import { newId } from "../ids.ts";
import type { Id, Operation } from "../things.ts";
import { Device, fail, ticks, until } from "./devices.ts";
import { SOMEBODY_ELSES, TestServer } from "./server.ts";

async function opened(server = new TestServer()): Promise<{ server: TestServer; device: Device; client: Client }> {
  const device = new Device(server);
  return { server, device, client: await device.open() };
}

const sent = (client: Client): Promise<void> =>
  until(() => client.status.waiting === 0 && client.status.state === "live", () => [client.status, client.problems]);

function add(client: Client, title: string): Id {
  const id = newId();
  client.act({ op: "create", kind: "task", id, task: { title } });
  return id;
}

const titles = (client: Client): string[] => [...client.all("task").values()].map(({ title }) => title).toSorted();

test("several tabs are one: one of them sends, all show the same, and another takes over", async () => {
  const { server, device, client: first } = await opened();
  const others = [await device.tab(), await device.tab()];
  const [second, third] = others as [Client, Client];
  add(second, "from the second");
  await until(() => titles(first).length === 1 && titles(third).length === 1);
  await until(() => server.all("task").size === 1 && [first, second, third].every(({ status }) => status.waiting === 0));
  assert.deepEqual([first, second, third].map(({ status }) => status.leads), [true, false, false]);
  server.do("elsewhere", { op: "create", kind: "task", id: newId(), task: { title: "from elsewhere" } });
  for (const each of [first, second, third]) await until(() => titles(each).length === 2);
  await first.close();
  await until(() => second.status.leads || third.status.leads);
  add(third, "from the third");
  await until(() => server.all("task").size === 3 && second.status.waiting === 0 && third.status.waiting === 0);
  assert.deepEqual(titles(second), titles(third));
  assert.equal(server.requests.length, 2);
  for (const each of others) await each.close();
});

test("without locks, as on plain http, a lease chooses the tab that leads", async () => {
  const { locks } = navigator;
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  try {
    const { server, device, client: first } = await opened();
    await until(() => first.status.leads);
    const second = await device.tab();
    add(second, "from the second");
    await until(() => server.all("task").size === 1);
    assert.deepEqual([first.status.leads, second.status.leads], [true, false]);
    await first.close();
    await until(() => second.status.leads);
    await second.close();
  } finally {
    Object.defineProperty(navigator, "locks", { value: locks, configurable: true });
  }
});

test("a disk that is full loses nothing that is in memory, and is tried again", async () => {
  const { server, device, client } = await opened();
  await sent(client);
  device.cut();
  fail(device, true);
  add(client, "on a full disk");
  await until(() => !client.status.stored);
  assert.deepEqual([titles(client), client.status.waiting], [["on a full disk"], 1]);
  fail(device, false);
  add(client, "with room again");
  await until(() => client.status.stored);
  await client.close();
  const again = await device.open();
  assert.deepEqual(titles(again), ["on a full disk", "with room again"]);
  device.connect();
  await sent(again);
  assert.equal(server.all("task").size, 2);
  await again.close();
});

test("a restored backup, which knows less, is what counts; and what waits is sent to it", async () => {
  const { server, device, client } = await opened();
  const kept = add(client, "before the backup");
  await sent(client);
  const restore = server.backUp();
  const lost = add(client, "after the backup");
  await sent(client);
  device.cut();
  client.act({ op: "update", kind: "task", id: kept, task: { title: "changed offline" } });
  client.act({ op: "update", kind: "task", id: lost, task: { title: "of what is gone" } });
  add(client, "made offline");
  restore();
  device.connect();
  await sent(client);
  await until(() => client.get("task", lost) === undefined);
  assert.deepEqual(titles(client), ["changed offline", "made offline"]);
  assert.deepEqual([...server.all("task").values()].map(({ title }) => title).toSorted(), titles(client));
  assert.deepEqual(client.problems.map((each) => [each.problem, "thing" in each && each.thing]), [["gone", lost]]);
  await client.close();
});

test("a forgotten feed drops the copy and keeps what waits", async () => {
  const { server, device, client } = await opened();
  const ids = ["a", "b", "c"].map((title) => add(client, title));
  await sent(client);
  device.cut();
  add(client, "waits");
  server.do("elsewhere", { op: "delete", kind: "task", id: ids[1] ?? "" });
  server.purge();
  await client.close();
  const again = await device.open();
  device.connect();
  await sent(again);
  assert.deepEqual(titles(again), ["a", "c", "waits"]);
  assert.equal(server.all("task").size, 3);
  await again.close();
});

test("what was never sent is taken back without a word, and what was sent over a reload too", async () => {
  const { server, device, client } = await opened();
  const id = add(client, "there");
  await sent(client);
  device.cut();
  add(client, "in the first request"); // it may have been sent
  const { key: never } = client.act({ op: "update", kind: "task", id, task: { title: "never said" } });
  assert.equal(client.undo(never), true);
  assert.equal(client.get("task", id)?.title, "there");
  device.connect();
  await sent(client);
  assert.ok(!JSON.stringify(server.requests).includes("never said"));
  const { key } = client.act({ op: "delete", kind: "task", id });
  await sent(client);
  assert.equal(server.all("task").has(id), false);
  await client.close();
  const again = await device.open();
  assert.equal(again.undo(key), true);
  assert.equal(again.get("task", id)?.title, "there", "at once");
  assert.equal(again.undo(key), false, "once");
  await sent(again);
  assert.equal(server.all("task").get(id)?.title, "there");
  await again.close();
});

/** Has the feed come by one page of what this deletes, and no more; answers the act. */
async function deletedByHalf({ server, device, client }: Awaited<ReturnType<typeof opened>>, operation: Operation): Promise<string> {
  device.deaf = true;
  device.cut();
  device.online = true;
  const { key } = client.act(operation);
  await until(() => client.status.waiting === 0);
  server.handle = (...given) => {
    device.deaf = true;
    return TestServer.prototype.handle.apply(server, given);
  };
  device.deaf = false;
  client.resume();
  await until(() => device.deaf && client.status.state === "offline");
  server.handle = TestServer.prototype.handle;
  device.deaf = false;
  return key;
}

test("what is taken back is there at once, also where the feed has come by a part of it", async () => {
  const all = await opened();
  const { server, client } = all;
  const list = newId();
  const tasks = Array.from({ length: 600 }, () => newId()); // more than are on a page of the feed
  server.do("elsewhere", { op: "create", kind: "list", id: list, list: { name: "Home" } });
  server.do("elsewhere", ...tasks.map((id) => ({ op: "create", kind: "task", id, task: { title: id, list_id: list } }) as const));
  const number = (): number => client.all("task").size;
  await until(() => number() === tasks.length);
  const key = await deletedByHalf(all, { op: "delete", kind: "list", id: list, tasks: "delete" });
  assert.equal(number(), 0);
  assert.equal(client.undo(key), true);
  assert.equal(number(), tasks.length);
  client.resume();
  await sent(client);
  assert.deepEqual([number(), server.all("task").size, client.problems], [tasks.length, tasks.length, []]);
  await client.close();
});

test("what was below a deleted task does not come back while the feed has come by a part of it", async () => {
  const all = await opened();
  const { server, client } = all;
  const root = newId();
  const children = Array.from({ length: 300 }, () => newId());
  const made = [[root, null], ...children.map((id) => [id, root]), ...children.map((id) => [newId(), id])] as const;
  server.do("elsewhere", ...made.map(([id, parent_id]) => ({ op: "create", kind: "task", id, task: { title: id, parent_id } }) as Operation));
  await until(() => client.all("task").size === made.length);
  await deletedByHalf(all, { op: "delete", kind: "task", id: root });
  assert.equal(client.all("task").size, 0);
  client.resume();
  await sent(client);
  assert.equal(server.all("task").size, 0);
  await client.close();
});

test("what another tab says before it hears of somebody else's change is not sent as if it had", async () => {
  const { server, device, client: leads } = await opened();
  const other = await device.tab();
  const id = add(leads, "first");
  await sent(leads);
  await until(() => other.get("task", id)?.revision === 1);
  device.slow = 300; // its answer takes long enough for what the other tab says to be here
  const stop = leads.subscribe(() => {
    if (leads.get("task", id)?.title !== "theirs") return;
    stop();
    leads.act({ op: "update", kind: "task", id, task: { priority: "high" } });
    other.act({ op: "update", kind: "task", id, task: { title: "mine" } });
  });
  server.do("elsewhere", { op: "update", kind: "task", id, task: { title: "theirs" } });
  await until(() => server.all("task").get(id)?.title === "mine");
  await sent(leads);
  assert.deepEqual(leads.problems.map((each) => each.problem === "conflict" && each.fields), [[{ field: "title", mine: "mine", theirs: "theirs" }]]);
  await Promise.all([leads.close(), other.close()]);
});

test("what an own change that is under way hides has not been seen", async () => {
  const { server, device, client } = await opened();
  const id = add(client, "first");
  await sent(client);
  device.slow = 300;
  client.act({ op: "update", kind: "task", id, task: { title: "mine" } });
  await until(() => server.all("task").get(id)?.title === "mine");
  server.do("elsewhere", { op: "update", kind: "task", id, task: { title: "theirs", priority: "high" } });
  await until(() => client.get("task", id)?.priority === "high");
  assert.deepEqual([client.get("task", id)?.title, client.status.waiting], ["mine", 1]);
  client.act({ op: "update", kind: "task", id, task: { title: "mine again" } });
  await sent(client);
  assert.equal(server.all("task").get(id)?.title, "mine again");
  assert.deepEqual(client.problems.map((each) => each.problem === "conflict" && each.fields), [[{ field: "title", mine: "mine again", theirs: "theirs" }]]);
  await client.close();
});

test("a tab that leads by now leads on, though the one before it is heard late", async () => {
  const { device, client } = await opened();
  await sent(client);
  const channel = new BroadcastChannel(`doable http://${device.host} ${device.server.user}`);
  const told: string[] = [];
  channel.addEventListener("message", ({ data }) => told.push((data as { type: string }).type));
  channel.postMessage({ type: "status", status: { ...client.status, state: "syncing" }, position: "0" });
  channel.postMessage({ type: "hello" });
  await until(() => told.length > 0);
  assert.deepEqual([told[0], client.status.leads, client.status.state], ["status", true, "live"]);
  channel.close();
  await client.close();
});

test("an expired log-in drops nothing, and is gone on from", async () => {
  const { server, device, client } = await opened();
  await sent(client);
  server.token = "another";
  add(client, "written meanwhile");
  await until(() => client.status.state === "logged-out");
  assert.deepEqual([titles(client), client.status.waiting], [["written meanwhile"], 1]);
  device.token = "another";
  client.resume();
  await sent(client);
  assert.equal(server.all("task").size, 1);
  await client.close();
});

test("a token of somebody else's, as after their log-in in another tab, drops nothing", async () => {
  const { server, device, client } = await opened();
  await sent(client);
  device.token = SOMEBODY_ELSES;
  add(client, "mine");
  await until(() => client.status.state === "logged-out");
  assert.deepEqual([client.status.waiting, client.problems], [1, []]);
  device.token = server.token;
  client.resume();
  await sent(client);
  assert.equal(server.all("task").size, 1);
  await client.close();
});

test("whatever is answered in place of the server, nothing is lost without being shown, and nothing is there twice", async () => {
  const { server, device, client } = await opened();
  await sent(client);
  const bodies = ["", "null", "[]", "{}", "<html>", '{"results":[]}', '{"code":"x","message":"x","detail":[{}],"index":99}'];
  const answers = [200, 400, 404, 409, 412, 422, 507].flatMap((status) => bodies.map((body) => [status, body] as const));
  for (const [index, [status, body]] of answers.entries()) {
    device.instead = () => new Response(body, { status });
    const title = `of answer ${index}`;
    add(client, title);
    await until(() => device.instead === undefined, () => [title, client.status]);
    client.resume();
    await sent(client);
    const isThere = [...server.all("task").values()].filter((task) => task.title === title).length;
    const isShown = client.problems.some(({ act }) => JSON.stringify(act).includes(JSON.stringify(title)));
    assert.deepEqual([isThere + Number(isShown), titles(client).includes(title)], [1, isThere === 1], `${status} ${body}`);
  }
  await client.close();
});

test("what a task of a series should be is offered to its successor, where another device has completed it", async () => {
  const { server, device, client } = await opened();
  const id = newId();
  const due = { date: "2126-12-01", time: null, timezone: null };
  client.act({ op: "create", kind: "task", id, task: { title: "Rent", due, recurrence: { rule: "FREQ=MONTHLY", from: "due" } } });
  await sent(client);
  device.cut();
  client.act({ op: "update", kind: "task", id, task: { title: "The rent", due: { ...due, date: "2126-12-03" } } });
  server.do("elsewhere", { op: "complete", kind: "task", id });
  device.connect();
  await sent(client);
  const next = server.all("task").get(id)?.next_id ?? "";
  assert.deepEqual([server.all("task").get(id)?.title, server.all("task").get(id)?.due?.date], ["The rent", "2126-12-01"]);
  const [problem] = client.problems;
  assert.ok(problem?.problem === "completed" && problem.thing === id && problem.next === next);
  client.settle(problem.id, "next");
  await sent(client);
  assert.equal(server.all("task").get(next)?.due?.date, "2126-12-03");
  assert.deepEqual(client.problems, []);
  await client.close();
});

test("a place beside what is gone is beside the other neighbour, and a task of a list that is gone is in the inbox", async () => {
  const { server, device, client } = await opened();
  const [a, b, c] = ["a", "b", "c"].map((title) => add(client, title)) as [Id, Id, Id];
  const list = newId();
  client.act({ op: "create", kind: "list", id: list, list: { name: "Groceries" } });
  await sent(client);
  device.cut();
  client.act({ op: "move", kind: "task", id: c, to: { before: b } });
  const made = newId();
  client.act({ op: "create", kind: "task", id: made, task: { title: "of a list", list_id: list } });
  server.do("elsewhere", { op: "delete", kind: "task", id: b }, { op: "delete", kind: "list", id: list, tasks: "inbox" });
  device.connect();
  await sent(client);
  await ticks(20);
  const order = [...server.all("task").values()].toSorted((x, y) => (x.position < y.position ? -1 : 1)).map(({ id }) => id);
  assert.deepEqual(order, [a, c, made]);
  assert.equal(server.all("task").get(made)?.list_id, null);
  assert.deepEqual(client.problems.map((each) => [each.problem, "thing" in each && each.thing]), [["gone", list]]);
  await client.close();
});

test("what another device does to a thing is found, also where the feed has not even come by its making", async () => {
  const { server, device, client } = await opened();
  await sent(client);
  device.cut();
  device.deaf = true;
  const first = add(client, "in the first request");
  const id = add(client, "made");
  device.connect();
  await until(() => client.status.waiting === 0);
  server.do("elsewhere", { op: "update", kind: "task", id, task: { title: "theirs" } });
  client.act({ op: "update", kind: "task", id, task: { title: "mine" } });
  client.act({ op: "update", kind: "task", id: first, task: { title: "nobody else's" } });
  await until(() => client.status.waiting === 0);
  device.deaf = false;
  client.resume();
  await sent(client);
  assert.deepEqual(titles(client), ["mine", "nobody else's"]);
  assert.deepEqual(client.problems.map((each) => each.problem === "conflict" && each.fields), [[{ field: "title", mine: "mine", theirs: "theirs" }]]);
  await client.close();
});

test("what was made and deleted before it was sent is nothing, and changes of one task are one", async () => {
  const { server, device, client } = await opened();
  await sent(client);
  device.cut();
  add(client, "in the first request");
  await ticks(20);
  const gone = add(client, "gone");
  client.act({ op: "delete", kind: "task", id: gone });
  const kept = add(client, "one");
  client.act({ op: "update", kind: "task", id: kept, task: { title: "two" } });
  client.act({ op: "update", kind: "task", id: kept, task: { title: "three", priority: "high" } });
  for (const title of ["x", "y", "z"]) add(client, title);
  device.connect();
  await sent(client);
  const bodies = JSON.stringify(server.requests);
  assert.ok(!bodies.includes("gone") && !bodies.includes('"two"'));
  assert.equal(server.all("task").get(kept)?.title, "three");
  assert.equal(server.requests.length, 5, "the first, those together, and the newest three");
  await client.close();
});

test("whoever is quicker than the feed is not told that somebody else was faster", async () => {
  const { server, device, client } = await opened();
  const [id, other] = [add(client, "one"), add(client, "two")];
  await sent(client);
  await until(() => (client.get("task", id)?.revision ?? 0) > 0);
  device.deaf = true;
  device.cut();
  device.online = true;
  const answered = (): Promise<void> => until(() => client.status.waiting === 0);
  for (const title of ["quick", "quicker"]) {
    client.act({ op: "update", kind: "task", id, task: { title } }, { op: "move", kind: "task", id: other, to: { place: "first" } });
    await answered();
  }
  device.deaf = false;
  client.undo(client.act({ op: "delete", kind: "task", id }).key);
  const { key } = client.act({ op: "delete", kind: "task", id: other });
  await answered();
  client.undo(key);
  client.act({ op: "complete", kind: "task", id: other });
  await answered();
  client.resume();
  await sent(client);
  assert.deepEqual([titles(client), client.problems], [["quicker", "two"], []]);
  assert.deepEqual(server.requests.filter(({ status }) => status >= 400), []);
  await client.close();
});
