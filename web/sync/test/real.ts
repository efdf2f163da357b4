/**
 * The engine against a real server, which tests/web/test_engine.py starts: two devices go through stories, and each thing has to be
 * what the device has shown before the server answered. `node real.ts <server> <user> <token> <story>`.
 */

import assert from "node:assert/strict";

import { Account } from "../account.ts";
import type { Client } from "../client.ts";
import { KINDS } from "../copy.ts";
import { newId } from "../ids.ts";
import type { Id, Kind, Operation, Things } from "../things.ts";

const [server = "", user = "", token = "", story = "", ...more] = process.argv.slice(2);
// Two names of one host are two devices, as far as the browser's databases go.
const elsewhere = server.replace("127.0.0.1", "localhost");

const net = { cut: new Set<string>(), lost: 0, passed: 0 };
const fetched = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const { host } = new URL(String(input));
  if (net.cut.has(host)) throw new TypeError("offline");
  const response = await fetched(input, init);
  if (response.status === 412) net.passed++;
  if (init?.method === "GET" || init?.method === undefined || net.lost === 0) return response;
  net.lost--;
  await response.arrayBuffer();
  throw new TypeError("the answer is lost");
};

async function device(at: string, given: () => string | null = () => token): Promise<Client> {
  return Account.open({ server: at, user, token: async () => given() });
}

async function until(look: () => boolean, about: () => unknown): Promise<void> {
  for (let tries = 0; !look(); tries++) {
    if (tries > 3000) throw new Error(`It never was so: ${JSON.stringify(about())}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** All is sent, and the feed has come by all of it. */
async function settled(client: Client): Promise<void> {
  await until(() => client.status.waiting === 0 && client.status.state === "live", () => [client.status, client.problems]);
  const response = await fetched(`${server}/api/me/changes?since=0&kinds=all`, { headers: { Authorization: `Bearer ${token}` } });
  const { changes } = (await response.json()) as { changes: { kind: Kind; id: Id; deleted: boolean; revision: number }[] };
  const live = changes.filter((each) => !each.deleted);
  const has = () => live.every(({ kind, id, revision }) => client.get(kind, id)?.revision === revision) && count(client) === live.length;
  if (changes.length < 500) await until(has, () => live.filter(({ kind, id, revision }) => client.get(kind, id)?.revision !== revision));
}

function count(client: Client): number {
  return KINDS.reduce((sum, kind) => sum + client.all(kind).size, 0);
}

/** All that is shown, but what only the server can know. */
function shown(client: Client): Record<string, unknown> {
  return Object.fromEntries(KINDS.flatMap((kind) => inOrder(client, kind).map((thing) => [`${kind} ${"id" in thing ? thing.id : ""}`, known(thing)])));
}

function inOrder<K extends Kind>(client: Client, kind: K): Things[K][] {
  const position = (thing: Things[K]) => {
    const among = "list_id" in thing ? `${thing.list_id} ${"parent_id" in thing && thing.parent_id}` : "";
    return `${among} ${"position" in thing ? thing.position : ""}`;
  };
  return [...client.all(kind).values()].toSorted((a, b) => (position(a) < position(b) ? -1 : 1));
}

function known(thing: Things[Kind]): object {
  const { revision: _, updated_at: __, ...rest } = thing as Things["task"];
  return { ...rest, created_at: null, position: null, completed_at: rest.completed_at ? "some" : null };
}

/** Does it, and looks whether the server makes of it what was shown at once. */
async function does(client: Client, ...operations: Operation[]): Promise<string> {
  const { key } = client.act(...operations);
  const before = shown(client);
  await settled(client);
  assert.deepEqual(shown(client), before, JSON.stringify(operations));
  assert.deepEqual(Object.keys(shown(client)), Object.keys(before), `the order after ${JSON.stringify(operations)}`);
  assert.deepEqual(client.problems, []);
  return key;
}

const DUE = { date: "2126-12-01", time: null, timezone: null };
const AT_NINE = { date: "2126-12-01", time: "09:00", timezone: "Europe/Berlin" };

function task(id: Id, title: string, rest: object = {}): Operation {
  return { op: "create", kind: "task", id, task: { title, ...rest } };
}

/** Every operation does to the copy what it does to the account. */
async function everyOperation(): Promise<void> {
  const a = await device(server);
  const [list, other, section, second, x, y, z, below] = Array.from({ length: 8 }, newId) as [Id, Id, Id, Id, Id, Id, Id, Id];
  await does(a, { op: "update", kind: "preferences", id: user, preferences: { timezone: "America/New_York", default_list_id: null } });
  await does(a, { op: "create", kind: "list", id: list, list: { name: "Groceries", color: "#2e7d32" } }, { op: "create", kind: "list", id: other, list: { name: "Home" } });
  await does(a, { op: "create", kind: "section", id: section, section: { list_id: list, name: "Dairy" } });
  await does(a, { op: "create", kind: "section", id: second, section: { list_id: list, name: "Bread" } });
  const reminders = [{ offset: "-PT30M" }, { offset: "P1D", relative_to: "start" as const }, { at: "2126-11-01T08:00:00Z" }];
  await does(a, task(x, " Oat milk ", { list_id: list, section_id: section, tags: ["shop", "Café"], due: AT_NINE, start: DUE, reminders, priority: "high" }));
  await does(a, task(y, "Bread", { list_id: list, url: "https://example.com", estimate_minutes: 5 }), task(z, "Butter", { list_id: list }));
  await does(a, task(below, "Which?", { parent_id: x }));
  await does(a, { op: "update", kind: "task", id: x, task: { due: { date: "2126-12-02", time: null, timezone: null }, tags: ["CAFÉ", "home"] } });
  await does(a, { op: "move", kind: "task", id: z, to: { before: y } });
  await does(a, { op: "move", kind: "task", id: z, to: { after: y } });
  await does(a, { op: "move", kind: "task", id: y, to: { parent_id: x, place: "first" } });
  await does(a, { op: "tag", kind: "task", id: y, tags: ["new", "shop"] });
  await does(a, { op: "untag", kind: "task", id: y, tags: ["SHOP"] });
  const reminder = a.get("task", x)?.reminders[0]?.id ?? "";
  await does(a, { op: "snooze", kind: "task", id: x, reminder_id: reminder, until: "2126-10-01T10:00:00.000000Z" });
  await does(a, { op: "complete", kind: "task", id: x });
  await does(a, { op: "reopen", kind: "task", id: below });
  await does(a, { op: "complete", kind: "task", id: z, is_cancelled: true });
  await does(a, { op: "reopen", kind: "task", id: z });
  await does(a, { op: "move", kind: "task", id: x, to: { list_id: other } });
  await does(a, { op: "move", kind: "list", id: other, to: { before: list } });
  await does(a, { op: "update", kind: "list", id: other, list: { is_archived: true, group: "Old" } });
  await does(a, { op: "move", kind: "section", id: second, to: { place: "first" } });
  await does(a, { op: "move", kind: "task", id: z, to: { section_id: second } });
  await does(a, { op: "move", kind: "section", id: second, to: { list_id: other } });
  await does(a, { op: "delete", kind: "section", id: second });
  const tag = [...a.all("tag").values()].find(({ name }) => name === "home")?.id ?? "";
  const cafe = [...a.all("tag").values()].find(({ name }) => name === "Café")?.id ?? "";
  await does(a, { op: "update", kind: "tag", id: tag, tag: { name: "House", color: "#123456" } });
  await does(a, { op: "move", kind: "tag", id: tag, to: { place: "first" } });
  await does(a, { op: "merge", kind: "tag", id: cafe, into: tag });
  await does(a, { op: "delete", kind: "tag", id: tag });
  const filter = newId();
  await does(a, { op: "create", kind: "filter", id: filter, filter: { name: "Soon", query: "7 days" } });
  await does(a, { op: "update", kind: "filter", id: filter, filter: { sort: "due" } });
  await does(a, { op: "delete", kind: "filter", id: filter });
  const kept = await does(a, { op: "delete", kind: "list", id: other, tasks: "inbox" });
  assert.equal(a.get("list", other), undefined);
  assert.equal(a.undo(kept), true);
  assert.equal(a.get("list", other)?.name, "Home", "at once");
  const back = shown(a);
  await settled(a);
  assert.deepEqual(shown(a), back, "what an undo brings back is what was shown");
  await does(a, { op: "delete", kind: "list", id: other, tasks: "delete" });
  const last = newId();
  await does(a, task(last, "Last"), { op: "update", kind: "task", id: last, task: { description: "It goes" } });
  await does(a, { op: "delete", kind: "task", id: last });
  await does(a, { op: "update", kind: "preferences", id: user, preferences: { theme: "dark" } });
  const b = await device(elsewhere);
  await settled(b);
  assert.deepEqual(shown(b), shown(a));
  await Promise.all([a.close(), b.close()]);
}

/** A series goes on at once, also where nothing has been sent. */
async function series(): Promise<void> {
  const a = await device(server);
  const [x, child] = [newId(), newId()];
  const weekly = { due: AT_NINE, start: DUE, recurrence: { rule: "freq=weekly;count=5", from: "due" as const }, reminders: [{ offset: "-PT1H" }] };
  await does(a, task(x, "Water the plants", weekly), task(child, "The fern", { parent_id: x, due: DUE }));
  await does(a, { op: "skip", kind: "task", id: x, occurrence: "2126-12-01" });
  await does(a, { op: "complete", kind: "task", id: x });
  const next = a.get("task", x)?.next_id ?? "";
  assert.equal(a.get("task", next)?.due?.date, "2126-12-15");
  a.act({ op: "complete", kind: "task", id: next });
  const third = a.get("task", next)?.next_id ?? "";
  a.act({ op: "update", kind: "task", id: third, task: { title: "Water all plants" } });
  a.act(task(newId(), "The cactus", { parent_id: third }));
  const before = shown(a);
  await settled(a);
  assert.deepEqual(shown(a), before);
  assert.deepEqual(a.problems, []);
  await does(a, { op: "complete", kind: "task", id: third, is_cancelled: true });
  const y = newId();
  await does(a, task(y, "Stretch", { due: DUE, recurrence: { rule: "FREQ=DAILY", from: "due" } }));
  await does(a, { op: "complete", kind: "task", id: y });
  await does(a, { op: "reopen", kind: "task", id: y });
  await a.close();
}

/** Both devices have written, one of them without a network, over a reload and with a lost answer. */
async function apart(): Promise<void> {
  let a = await device(server);
  const b = await device(elsewhere);
  const [x, y, z, gone] = [newId(), newId(), newId(), newId()];
  await does(a, task(x, "One"), task(y, "Two"), task(z, "Three"), task(gone, "Four"));
  await settled(b);
  net.cut.add(new URL(server).host);
  await a.close();
  a = await device(server);
  assert.equal(a.all("task").size, 4, "it opens without a network");
  a.act({ op: "update", kind: "task", id: x, task: { title: "One of a" } });
  a.act({ op: "update", kind: "task", id: y, task: { priority: "high" } });
  a.act({ op: "update", kind: "task", id: gone, task: { title: "Four of a" } });
  const made = Array.from({ length: 20 }, newId);
  for (const id of made) a.act(task(id, `Made ${id}`));
  await a.close();
  await does(b, { op: "update", kind: "task", id: x, task: { title: "One of b" } });
  await does(b, { op: "update", kind: "task", id: y, task: { title: "Two of b" } });
  await does(b, { op: "delete", kind: "task", id: gone });
  a = await device(server);
  assert.equal(a.status.waiting, 23);
  net.lost = 2;
  net.cut.clear();
  a.resume();
  await settled(a);
  await settled(b);
  assert.deepEqual(shown(a), shown(b));
  assert.equal(a.all("task").size, 23);
  assert.deepEqual([a.get("task", y)?.title, a.get("task", y)?.priority], ["Two of b", "high"]);
  assert.equal(b.get("task", x)?.title, "One of a");
  const problems = a.problems.map((each) => [each.problem, "thing" in each ? each.thing : null]);
  assert.deepEqual(problems.toSorted(), [["conflict", x], ["gone", gone]].toSorted());
  const conflict = a.problems.find((each) => each.problem === "conflict");
  assert.deepEqual(conflict?.fields, [{ field: "title", mine: "One of a", theirs: "One of b" }]);
  a.settle(conflict.id, "theirs");
  await settled(a);
  assert.equal(a.get("task", x)?.title, "One of b");
  await Promise.all([a.close(), b.close()]);
}

/** What the server does not take is told; what is too much for a batch goes by itself; a log-in that has ended loses nothing. */
async function refusals(): Promise<void> {
  let given: string | null = token;
  const a = await device(server, () => given);
  const [list, x] = [newId(), newId()];
  a.act(task(x, "x".repeat(201)));
  await settled(a);
  assert.deepEqual(a.problems.map((each) => each.problem === "refused" && each.code), ["validation_error"]);
  assert.equal(a.get("task", x), undefined, "it was taken back");
  a.settle(a.problems[0]?.id ?? "", "dismiss");
  assert.deepEqual(a.problems, []);
  a.act({ op: "create", kind: "list", id: list, list: { name: "Large" } });
  for (let part = 0; part < 2; part++) a.act(...Array.from({ length: 300 }, () => task(newId(), "Much", { list_id: list })));
  await settled(a);
  const { key } = a.act({ op: "delete", kind: "list", id: list, tasks: "delete" });
  assert.equal(a.all("task").size, 0, "at once");
  await settled(a);
  assert.deepEqual([a.problems, a.all("task").size], [[], 0]);
  assert.equal(a.undo(key), true);
  assert.equal(a.all("task").size, 600, "at once");
  await settled(a);
  await until(() => a.all("task").size === 600, () => a.all("task").size);
  given = "wrong";
  a.act({ op: "update", kind: "list", id: list, list: { name: "Still large" } });
  await until(() => a.status.state === "logged-out", () => a.status);
  assert.equal(a.status.waiting, 1);
  given = token;
  a.resume();
  await settled(a);
  assert.equal(a.get("list", list)?.name, "Still large");
  await a.close();
}

/** Whoever is quicker than the feed, or than the answers, finds that nobody else was faster: there is nobody else. */
async function quick(): Promise<void> {
  const a = await device(server);
  const [one, two, three] = [newId(), newId(), newId()];
  await does(a, task(one, "One"), task(two, "Two"), task(three, "Three"));
  const moves = [{ parent_id: one }, { parent_id: null, before: one }, { parent_id: null, after: two }, { parent_id: two }];
  const quicker = async (wait: () => Promise<void>): Promise<void> => {
    for (const to of moves) {
      a.act({ op: "move", kind: "task", id: three, to } as Operation);
      await wait();
    }
    a.act({ op: "complete", kind: "task", id: one });
    await wait();
    const { key } = a.act({ op: "delete", kind: "task", id: one });
    await wait();
    a.undo(key);
    await wait();
    a.act({ op: "reopen", kind: "task", id: one });
    await settled(a);
  };
  const answered = () => until(() => a.status.waiting === 0, () => a.status);
  const watched = () => new Promise<void>((resolve) => {
    const stop = a.watch(() => {
      if (a.status.waiting > 0) return;
      stop();
      resolve();
    });
  });
  const moment = () => new Promise<void>((resolve) => setTimeout(resolve, 15));
  for (const wait of [answered, watched, moment, () => Promise.resolve(), () => settled(a)]) await quicker(wait);
  assert.deepEqual([net.passed, a.problems], [0, []]);
  await a.close();
}

/** Writes until it is told to end, while the server is killed and comes back: nothing is lost, and nothing twice. */
async function killed(): Promise<void> {
  const a = await device(server);
  await until(() => a.status.state === "live", () => a.status);
  const titles: string[] = [];
  const told = new AbortController();
  process.stdin.once("data", () => told.abort());
  for (let number = 0; !told.signal.aborted; number++) {
    titles.push(`Task ${number}`);
    a.act(task(newId(), `Task ${number}`));
    if (number === 30) process.stdout.write("kill\n");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  a.resume();
  await settled(a);
  const found = [...a.all("task").values()].map(({ title }) => title);
  assert.deepEqual(found.toSorted(), titles.toSorted());
  assert.deepEqual(a.problems, []);
  await a.close();
  process.stdin.destroy();
}

const stories: Record<string, () => Promise<void>> = { everyOperation, series, apart, refusals, quick, killed };
await stories[story]?.();
assert.ok(stories[story], more.join(" "));
process.stdout.write("It is so.\n");
