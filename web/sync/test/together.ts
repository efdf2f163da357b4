/**
 * Several devices do things to the same few things at once, some of them without a network, against a real server, which
 * tests/web/test_engine.py starts. In the end all have what the server has, and what a person wrote is there or told.
 * `node together.ts <server> <user> <token> <rounds> <seed>`.
 */

import assert from "node:assert/strict";

import { Account } from "../account.ts";
import type { Client } from "../client.ts";
import { KINDS } from "../copy.ts";
import { newId } from "../ids.ts";
import type { Id, Kind, Operation, Task } from "../things.ts";

const [server = "", user = "", token = "", rounds = "10", seed = "15"] = process.argv.slice(2);

let state = Number(seed) || 1;
/** Below `most`. The same for the same seed. */
function random(most: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * most);
}
const one = <T>(of: readonly T[]): T => of[random(of.length)] as T;

// Each address is another device: `/.` in a path is nothing to the server.
const cut = new Set<number>();
const fetched = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const device = (/(?:\/\.)*(?=\/api)/.exec(String(input))?.[0].length ?? 0) / 2;
  if (cut.has(device)) throw new TypeError("offline");
  return fetched(input, init);
};

interface Written {
  device: number;
  act: string;
  id: Id;
  text: string;
}

const devices: Client[] = [];
const written: Written[] = [];
const everWritten = new Set<string>();
let number = 0;

function act(device: number, ...operations: Operation[]): void {
  const client = devices[device] as Client;
  const { key } = client.act(...operations);
  for (const each of operations) {
    if (each.kind !== "task" || !("task" in each) || each.task.title === undefined) continue;
    written.push({ device, act: key, id: each.id, text: each.task.title });
  }
}

const word = (): string => `said ${++number}`;
const tasks = (client: Client): Task[] => [...client.all("task").values()];

/** What several do at once: each gets a function of the device. */
const SITUATIONS: Record<string, () => ((device: number) => void) | null> = {
  moves: () => {
    const [first, ...others] = tasks(devices[0] as Client).filter((each) => !each.is_completed && each.parent_id === null && each.list_id === null);
    if (!first || others.length < 2) return null;
    return (device) => act(device, { op: "move", kind: "task", id: first.id, to: random(2) ? { before: one(others).id } : { after: one(others).id } });
  },
  below: () => {
    const open = tasks(devices[0] as Client).filter((each) => !each.is_completed && each.list_id === null);
    const [a, b] = [one(open), one(open)];
    if (!a || !b || a.id === b.id) return null;
    return (device) => act(device, { op: "move", kind: "task", id: device % 2 ? a.id : b.id, to: { parent_id: device % 2 ? b.id : a.id } });
  },
  series: () => {
    const recurs = tasks(devices[0] as Client).find((each) => each.recurrence && !each.is_completed);
    if (!recurs) return null;
    return (device) => {
      const { occurrence } = recurs.recurrence ?? {};
      if (device === 2 && occurrence) act(device, { op: "skip", kind: "task", id: recurs.id, occurrence });
      else act(device, { op: "complete", kind: "task", id: recurs.id });
      const next = (devices[device] as Client).get("task", recurs.id)?.next_id;
      if (next && device === 1) act(device, { op: "update", kind: "task", id: next, task: { title: word() } });
    };
  },
  deleting: () => {
    const task = one(tasks(devices[0] as Client).filter((each) => !each.recurrence));
    if (!task) return null;
    return (device) => {
      if (device === 0) act(device, { op: "delete", kind: "task", id: task.id });
      else if (device === 1) act(device, { op: "update", kind: "task", id: task.id, task: { title: word() } });
      else if (device === 2) act(device, { op: "complete", kind: "task", id: task.id });
      else act(device, { op: "create", kind: "task", id: newId(), task: { title: word(), parent_id: task.id } });
    };
  },
  titles: () => {
    const task = one(tasks(devices[0] as Client));
    return task ? (device) => act(device, { op: "update", kind: "task", id: task.id, task: device === 3 ? { priority: "high" } : { title: word() } }) : null;
  },
  sections: () => {
    const [list, section] = [newId(), newId()];
    act(0, { op: "create", kind: "list", id: list, list: { name: word() } }, { op: "create", kind: "section", id: section, section: { list_id: list, name: word() } });
    return (device) => {
      if (device === 0) act(device, random(2) ? { op: "delete", kind: "section", id: section } : { op: "delete", kind: "list", id: list, tasks: "inbox" });
      else act(device, { op: "create", kind: "task", id: newId(), task: { title: word(), list_id: list, section_id: section } });
      const task = one(tasks(devices[device] as Client).filter((each) => !each.parent_id && !each.is_completed));
      if (device > 0 && task) act(device, { op: "move", kind: "task", id: task.id, to: { list_id: list, section_id: section } });
    };
  },
  tags: () => {
    const names = ["shop", "Café", "CAFÉ", "home"];
    const task = one(tasks(devices[0] as Client));
    return (device) => {
      if (task) act(device, { op: random(3) ? "tag" : "untag", kind: "task", id: task.id, tags: [one(names)] });
      const [tag, into] = [...(devices[device] as Client).all("tag").values()];
      if (tag && into && device === 1) act(device, { op: "merge", kind: "tag", id: tag.id, into: into.id });
      if (tag && device === 2) act(device, random(2) ? { op: "delete", kind: "tag", id: tag.id } : { op: "update", kind: "tag", id: tag.id, tag: { name: one(names) } });
    };
  },
};

async function until(look: () => boolean, about: () => unknown): Promise<void> {
  for (const begun = performance.now(); !look(); ) {
    if (performance.now() - begun > 60_000) throw new Error(`It never was so: ${JSON.stringify(about())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function settled(): Promise<Map<string, { revision: number }>> {
  for (const client of devices) {
    const done = () => client.status.waiting === 0 && client.status.state === "live";
    await until(done, () => [client.status, client.problems]);
  }
  const response = await fetched(`${server}/api/me/changes?since=0&kinds=all&limit=500`, { headers: { Authorization: `Bearer ${token}` } });
  const { changes } = (await response.json()) as { changes: { kind: Kind; id: Id; deleted: boolean; revision: number; task?: Task }[] };
  const live = new Map(changes.filter((each) => !each.deleted).map((each) => [`${each.kind} ${each.id}`, each]));
  for (const client of devices) {
    const size = () => KINDS.reduce((sum, kind) => sum + client.all(kind).size, 0);
    const has = () => size() === live.size && [...live.values()].every(({ kind, id, revision }) => client.get(kind, id)?.revision === revision);
    await until(has, () => [client.status, size(), live.size, [...live.values()].filter(({ kind, id, revision }) => client.get(kind, id)?.revision !== revision)]);
  }
  return live;
}

/** What somebody wrote is there, or told on the device of who wrote it, or was there until somebody wrote over it. */
function isKept({ device, act: key, id, text }: Written): boolean {
  const client = devices[device] as Client;
  if (everWritten.has(text) || client.problems.some((each) => each.act.key === key)) return true;
  // Who wrote over it is asked.
  if (devices.some(({ problems }) => JSON.stringify(problems).includes(JSON.stringify(text)))) return true;
  return written.some((each) => each.device === device && each.id === id && each.text !== text && written.indexOf(each) > written.findIndex((said) => said.text === text));
}

async function round(name: string): Promise<void> {
  const doing = SITUATIONS[name]?.();
  if (!doing) return;
  await settled();
  for (const device of devices.keys()) if (random(3) === 0) cut.add(device);
  for (const device of devices.keys()) {
    doing(device);
    if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve, random(30)));
  }
  cut.clear();
  for (const client of devices) client.resume();
  const live = await settled();
  for (const told of written) assert.ok(isKept(told), `${name}: “${told.text}” of device ${told.device} is lost`);
  const open = new Map<Id, number>();
  for (const task of tasks(devices[0] as Client)) {
    if (task.series_id && !task.is_completed && task.recurrence) open.set(task.series_id, (open.get(task.series_id) ?? 0) + 1);
    if (task.parent_id) assert.ok(live.has(`task ${task.parent_id}`), "what is below nothing");
    if (task.list_id) assert.ok(live.has(`list ${task.list_id}`), "what is in no list");
    if (task.section_id) assert.ok(live.has(`section ${task.section_id}`), "what is in no section");
  }
  for (const [series, count] of open) assert.equal(count, 1, `${name}: a series ${series} has one that is open`);
  for (const client of devices) {
    for (const kind of KINDS) {
      const [own, first] = [client, devices[0] as Client].map((each) => [...each.all(kind)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
      assert.deepEqual(own, first, name);
    }
  }
}

for (let device = 0; device < 4; device++) {
  devices.push(await Account.open({ server: server + "/.".repeat(device), user, token: async () => token }));
  devices[device]?.subscribe((changed) => {
    // By the feed: what waits here is not the server's yet.
    for (const { kind, id } of changed) {
      const thing = devices[device]?.get(kind, id);
      if (thing && "title" in thing && devices[device]?.status.waiting === 0) everWritten.add(thing.title);
    }
  });
}
const due = { date: "2126-12-01", time: null, timezone: null };
for (let count = 0; count < 6; count++) act(0, { op: "create", kind: "task", id: newId(), task: { title: word() } });
act(0, { op: "create", kind: "task", id: newId(), task: { title: word(), due, recurrence: { rule: "FREQ=DAILY", from: "due" } } });
await settled();
for (let count = 0; count < Number(rounds); count++) {
  const name = one(Object.keys(SITUATIONS));
  if (process.argv[7]) process.stdout.write(`${name}\n`);
  await round(name);
}
await Promise.all(devices.map((client) => client.close()));
process.stdout.write("It is so.\n");
