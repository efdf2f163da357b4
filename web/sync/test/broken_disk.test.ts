import assert from "node:assert/strict";
import { test } from "node:test";

// @ts-expect-error It has no types.
import forceCloseDatabase from "fake-indexeddb/lib/forceCloseDatabase";

import type { Client } from "../client.ts";
import { newId } from "../ids.ts";
import type { Id } from "../things.ts";
import { Device, until } from "./devices.ts";
import { TestServer } from "./server.ts";

const nameOf = (device: Device): string => `doable http://${device.host} ${device.server.user}`;
const titles = (client: Client): string[] => [...client.all("task").values()].map(({ title }) => title).toSorted();
const sent = (client: Client): Promise<void> =>
  until(() => client.status.waiting === 0 && client.status.state === "live", () => [client.status, client.problems]);

function add(client: Client, title: string): Id {
  const id = newId();
  client.act({ op: "create", kind: "task", id, task: { title } });
  return id;
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB")));
  });
}

/** Writes into the database as another program could. */
async function write(device: Device, store: string, ...records: readonly (readonly [unknown, string?])[]): Promise<void> {
  const database = await answered(indexedDB.open(nameOf(device)));
  const into = database.transaction(store, "readwrite").objectStore(store);
  for (const [record, key] of records) await answered(into.put(record, key));
  database.close();
}

/** Two tasks of the server's, and one that waits. */
async function closedWithWork(): Promise<{ server: TestServer; device: Device; ids: Id[] }> {
  const server = new TestServer();
  const device = new Device(server);
  const client = await device.open();
  const ids = ["a", "b"].map((title) => add(client, title));
  await sent(client);
  device.cut();
  add(client, "waits");
  await client.close();
  return { server, device, ids };
}

test("what waited and cannot be read is told with all that is left of it, and nothing else is lost by it", async () => {
  const { server, device } = await closedWithWork();
  const whole = { seq: 1, act: "x", at: "2026-11-26T10:00:00.000000Z", seen: 0, before: {} };
  const broken = [
    { key: "half" },
    { ...whole, key: "newer", operation: { op: "pin", kind: "task", id: "x", text: "of a newer version" } },
    { ...whole, key: "kind", operation: { op: "update", kind: "constructor", id: "x" } },
    { ...whole, key: "type", operation: { op: "update", kind: "task", id: "x", task: "a text" } },
    { ...whole, key: "seen", seen: "7", operation: { op: "reopen", kind: "task", id: "x" } },
    { ...whole, key: "large", operation: { op: "update", kind: "task", id: "x", task: { estimate_minutes: 7n } } },
    { ...whole, key: 7, operation: null },
  ];
  await write(device, "entries", ...broken.map((each) => [each] as const));
  await write(device, "problems", [{ key: "old", problem: "lost", text: "of an older version" }]);
  await write(device, "acts", [{ key: "x", operations: null }], [{ key: "y" }]);
  await write(device, "requests", [{ key: "x", entries: [[7]] }]);
  const client = await device.open();
  assert.deepEqual([titles(client), client.status.waiting], [["a", "b", "waits"], 1]);
  const told = () => client.problems.flatMap((each) => (each.problem === "unreadable" ? [each.content] : []));
  assert.equal(told().length, broken.length + 1);
  for (const text of ["of a newer version", "of an older version", "a text"]) assert.ok(told().some((each) => each.includes(text)), text);
  device.connect();
  await sent(client);
  assert.equal(server.all("task").size, 3);
  // It is told once, and until somebody has decided.
  const [first] = client.problems;
  client.settle(first?.id ?? "", "dismiss");
  await client.close();
  const again = await device.open();
  assert.equal(again.problems.length, broken.length);
  for (const { id } of again.problems) again.settle(id, "dismiss");
  await again.close();
  const last = await device.open();
  assert.deepEqual(last.problems, []);
  await last.close();
});

/** A page that none of these tasks is on, whose ids may end with anything. */
function pageBeside(ids: readonly Id[]): string {
  const free = ["00", "7f", "ff"].find((each) => ids.every((id) => !id.endsWith(each)));
  return `task ${free}`;
}

test("a copy that is broken is read anew, and what can be read of it is there at once", async () => {
  const pages: readonly (readonly [unknown, string])[] = [
    ["{", "task"],
    [7, "list"],
    ['[null, 7, {"id":"x"}]', "task"],
    ['[{"id":"x"}]', "constructor"],
    ["[]", "project"],
    ["null", "preferences"],
  ];
  for (const [page, of] of pages) {
    const { server, device, ids } = await closedWithWork();
    const key = of === "task" ? pageBeside(ids) : of;
    await write(device, "pages", [page, key]);
    const before = await device.open();
    if (key !== "project") assert.equal(before.status.state, "loading", key);
    assert.deepEqual(titles(before), ["a", "b", "waits"], key);
    await before.close();
    server.do("elsewhere", { op: "create", kind: "list", id: newId(), list: { name: "Home" } });
    const client = await device.open();
    device.connect();
    await sent(client);
    assert.deepEqual([titles(client), client.all("list").size], [["a", "b", "waits"], 1], key);
    await client.close();
    device.cut();
    const mended = await device.open();
    assert.equal(mended.status.state, "offline", `${key}: it is whole again`);
    await mended.close();
  }
});

test("a task on another page than its own, where an earlier version has put it, is not there twice", async () => {
  const { server, device, ids } = await closedWithWork();
  const [gone = ""] = ids;
  const database = await answered(indexedDB.open(nameOf(device)));
  const pages = database.transaction("pages", "readwrite").objectStore("pages");
  const own = `task ${gone.slice(-2)}`;
  await answered(pages.put(await answered(pages.get(own)), pageBeside(ids)));
  database.close();
  server.do("elsewhere", { op: "delete", kind: "task", id: gone });
  const client = await device.open();
  assert.deepEqual([titles(client), client.status.state], [["a", "b", "waits"], "loading"]);
  device.connect();
  await sent(client);
  assert.deepEqual(titles(client), ["b", "waits"]);
  await client.close();
  device.cut();
  const again = await device.open();
  assert.deepEqual([titles(again), again.status.state], [["b", "waits"], "offline"]);
  await again.close();
});

test("where the copy is may be anything as well", async () => {
  for (const position of [7, null, { position: 7, reading: false }, { position: "constructor", reading: false }]) {
    const { server, device } = await closedWithWork();
    await write(device, "meta", [position, "position"]);
    const client = await device.open();
    device.connect();
    await sent(client);
    assert.deepEqual([titles(client), server.all("task").size], [["a", "b", "waits"], 3]);
    await client.close();
  }
});

/** Each database that is opened meanwhile. */
async function openedWhile(work: () => Promise<void>): Promise<IDBDatabase[]> {
  const found: IDBDatabase[] = [];
  const { open } = indexedDB;
  indexedDB.open = (...given) => {
    const request = open.apply(indexedDB, given);
    request.addEventListener("success", () => found.push(request.result));
    return request;
  };
  await work();
  indexedDB.open = open;
  return found;
}

test("a database that the browser deletes while it is open is written anew, with all that is there", async () => {
  const server = new TestServer();
  const device = new Device(server);
  const [database] = await openedWhile(async () => void (await device.open()));
  const { client } = device;
  add(client, "sent");
  await sent(client);
  device.cut();
  add(client, "waits");
  await until(() => client.status.stored);
  forceCloseDatabase(database);
  await answered(indexedDB.deleteDatabase(nameOf(device)));
  add(client, "waits too");
  await client.close();
  const again = await device.open();
  assert.deepEqual([titles(again), again.status.waiting], [["sent", "waits", "waits too"], 2]);
  device.connect();
  await sent(again);
  assert.equal(server.all("task").size, 3);
  await again.close();
});

test("a database of a newer version is used as it is, and one that lacks something gets it", async () => {
  const { server, device } = await closedWithWork();
  const newer = indexedDB.open(nameOf(device), 7);
  newer.addEventListener("upgradeneeded", () => {
    newer.result.createObjectStore("projects");
    newer.result.deleteObjectStore("problems");
  });
  (await answered(newer)).close();
  const client = await device.open();
  assert.deepEqual([titles(client), client.status.stored], [["a", "b", "waits"], true]);
  device.connect();
  await sent(client);
  assert.equal(server.all("task").size, 3);
  await client.close();
});

test("without a database all works for as long as the page is there, and it says so", async () => {
  const { open } = indexedDB;
  const held = new Device(new TestServer());
  const refusals: (() => void)[] = [
    () => (indexedDB.open = () => { throw new DOMException("private", "SecurityError"); }),
    () => (indexedDB.open = (name) => open.call(indexedDB, name, 0.5)),
  ];
  for (const refuse of refusals) {
    refuse();
    const server = new TestServer();
    const device = new Device(server);
    const client = await device.open();
    assert.equal(client.status.stored, false);
    add(client, "in memory");
    await sent(client);
    assert.deepEqual([titles(client), server.all("task").size, client.status.stored], [["in memory"], 1, false]);
    await client.close();
    indexedDB.open = open;
  }
  // Another page does not let go of a database that has to be given what it lacks.
  const stubborn = await answered(open.call(indexedDB, nameOf(held)));
  const client = await held.open();
  assert.equal(client.status.stored, false);
  add(client, "in memory");
  await sent(client);
  await client.close();
  stubborn.close();
});
