/**
 * What happens to people and their account while something waits on a device: the next person logs in, passwords change, accounts are
 * deleted, backups come back. Against a real server, which tests/web/test_engine.py starts. `node people.ts <server> <story>`.
 */

import assert from "node:assert/strict";
import { createInterface } from "node:readline";

import { Account } from "../account.ts";
import type { Client } from "../client.ts";
import { newId } from "../ids.ts";
import type { Id } from "../things.ts";

const [server = "", story = ""] = process.argv.slice(2);
const PASSWORD = "correct horse battery staple";

let isCut = false;
const fetched = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  if (isCut) throw new TypeError("offline");
  return fetched(input, init);
};

async function ask(method: string, path: string, body?: unknown, token?: string): Promise<Record<string, unknown>> {
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const response = await fetched(server + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
}

/** Somebody, and what they hold at present to log in with. */
class Person {
  readonly email = `${newId()}@example.com`;
  password = PASSWORD;
  id: Id = "";
  token: string | null = null;

  static async new(): Promise<Person> {
    const person = new Person();
    const { id, access_token } = await ask("POST", "/api/auth/signup", { email: person.email, password: PASSWORD });
    Object.assign(person, { id, token: access_token });
    return person;
  }

  async logIn(): Promise<void> {
    const { access_token } = await ask("POST", "/api/auth/login", { email: this.email, password: this.password });
    this.token = String(access_token);
  }

  async open(): Promise<Client> {
    return Account.open({ server, user: this.id, token: async () => this.token });
  }

  async titles(): Promise<string[]> {
    const { tasks } = await ask("GET", "/api/me/tasks", undefined, this.token ?? "");
    return (tasks as { title: string }[]).map(({ title }) => title).toSorted();
  }
}

async function until(look: () => boolean, about: () => unknown): Promise<void> {
  for (const begun = performance.now(); !look(); ) {
    if (performance.now() - begun > 60_000) throw new Error(`It never was so: ${JSON.stringify(about())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const is = (client: Client, state: Client["status"]["state"], waiting = 0): Promise<void> =>
  until(() => client.status.state === state && client.status.waiting === waiting, () => [client.status, client.problems]);
const titles = (client: Client): string[] => [...client.all("task").values()].map(({ title }) => title).toSorted();

function add(client: Client, title: string, id = newId()): Id {
  client.act({ op: "create", kind: "task", id, task: { title } });
  return id;
}

/** Two people after each other on one device, each with something that is not sent. */
async function nextPerson(): Promise<void> {
  const [ada, bob] = [await Person.new(), await Person.new()];
  isCut = true;
  let client = await ada.open();
  add(client, "Ada's");
  await client.close();
  client = await bob.open();
  assert.deepEqual(titles(client), []);
  add(client, "Bob's");
  isCut = false;
  client.resume();
  await is(client, "live");
  assert.deepEqual([await ada.titles(), await bob.titles()], [[], ["Bob's"]]);
  await client.close();
  client = await ada.open();
  await is(client, "live");
  assert.deepEqual([titles(client), await ada.titles(), await bob.titles()], [["Ada's"], ["Ada's"], ["Bob's"]]);
  await client.close();
}

/** An id that somebody else has is refused, and told; what was done besides goes on. */
async function idOfAnother(): Promise<void> {
  const [ada, bob] = [await Person.new(), await Person.new()];
  const [a, b] = [await ada.open(), await bob.open()];
  const id = add(a, "Ada's");
  await is(a, "live");
  add(b, "Bob's", id);
  b.act({ op: "update", kind: "task", id, task: { description: "written by Bob" } });
  b.act({ op: "complete", kind: "task", id, is_cancelled: true }); // a request of its own
  for (let number = 0; number < 6; number++) add(b, `more ${number}`);
  await is(b, "live");
  assert.equal((await bob.titles()).length, titles(b).length);
  assert.deepEqual(await ada.titles(), ["Ada's"]);
  const told = JSON.stringify(b.problems);
  const isThere = titles(b).includes("Bob's");
  assert.ok(isThere || (told.includes("Bob's") && told.includes("written by Bob")), told);
  assert.equal(titles(b).filter((title) => title.startsWith("more")).length, 6);
  await Promise.all([a.close(), b.close()]);
}

/** A new password, set elsewhere, ends the session here: what waits is kept for the next one. */
async function newPassword(): Promise<void> {
  const ada = await Person.new();
  let client = await ada.open();
  await is(client, "live");
  isCut = true;
  client.resume();
  await is(client, "offline");
  add(client, "waits");
  const other = String((await ask("POST", "/api/auth/login", { email: ada.email, password: PASSWORD }))["access_token"]);
  await ask("POST", "/api/auth/password", { current_password: PASSWORD, new_password: "another horse altogether" }, other);
  isCut = false;
  client.resume();
  await is(client, "logged-out", 1);
  await client.close();
  client = await ada.open();
  await is(client, "logged-out", 1);
  assert.deepEqual(titles(client), ["waits"]);
  ada.password = "another horse altogether";
  await ada.logIn();
  client.resume();
  await is(client, "live");
  assert.deepEqual([await ada.titles(), client.problems], [["waits"], []]);
  await client.close();
}

/** An account that is deleted elsewhere: nobody will ever take what waits, and it is on the screen for as long as it is on the device. */
async function deletedAccount(): Promise<void> {
  const ada = await Person.new();
  let client = await ada.open();
  add(client, "there");
  await is(client, "live");
  isCut = true;
  client.resume();
  add(client, "waits");
  await ask("DELETE", "/api/auth/me", { password: PASSWORD }, ada.token ?? "");
  isCut = false;
  client.resume();
  await is(client, "logged-out", 1);
  await client.close();
  client = await ada.open();
  await is(client, "logged-out", 1);
  assert.deepEqual([titles(client), client.problems], [["there", "waits"], []]);
  await client.close();
}

/** A backup that is restored under a device with something that waits. */
async function restored(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const say = async (word: string): Promise<void> => {
    const answered = new Promise((resolve) => lines.once("line", resolve));
    process.stdout.write(`${word}\n`);
    await answered;
  };
  const ada = await Person.new();
  const client = await ada.open();
  const [kept, moved] = [add(client, "kept"), add(client, "renamed after the backup")];
  await is(client, "live");
  await say("back up");
  client.act({ op: "update", kind: "task", id: moved, task: { title: "a name that is lost" } });
  const lost = add(client, "made after the backup");
  await is(client, "live");
  await say("stop");
  client.act({ op: "update", kind: "task", id: kept, task: { title: "changed meanwhile" } });
  client.act({ op: "update", kind: "task", id: lost, task: { title: "of what is gone" } });
  add(client, "made meanwhile");
  await say("restore");
  client.resume();
  await is(client, "logged-out", 3);
  await ada.logIn();
  client.resume();
  await is(client, "live");
  const there = ["changed meanwhile", "made meanwhile", "renamed after the backup"];
  await until(() => titles(client).length === 3, () => titles(client));
  assert.deepEqual([titles(client), await ada.titles()], [there, there]);
  assert.deepEqual(client.problems.map((each) => [each.problem, "thing" in each && each.thing]), [["gone", lost]]);
  assert.ok(JSON.stringify(client.problems).includes("of what is gone"));
  add(client, "goes on");
  await is(client, "live");
  assert.equal((await ada.titles()).length, 4);
  await client.close();
  lines.close();
}

const stories: Record<string, () => Promise<void>> = { nextPerson, idOfAnother, newPassword, deletedAccount, restored };
for (const each of story.split(" ")) {
  assert.ok(stories[each], each);
  await stories[each]();
}
process.stdout.write("It is so.\n");
