/** Three devices that come and go, and do what they like; in the end all are equal, and nothing is lost without being shown. */

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";

import type { Act, Client, Problem } from "../client.ts";
import { KINDS } from "../copy.ts";
import { newId } from "../ids.ts";
import type { Id, Operation } from "../things.ts";
import { Device, ticks, until } from "./devices.ts";
import { TestServer } from "./server.ts";

const WHAT = [
  "create",
  "create",
  "title",
  "title",
  "title",
  "priority",
  "complete",
  "reopen",
  "delete",
  "move",
  "indent",
  "tag",
  "untag",
  "many",
  "recur",
  "skip",
  "next",
  "list",
  "rename list",
  "delete list",
  "preferences",
  "undo",
  "undo",
  "cut",
  "connect",
  "connect",
  "lose",
  "slow",
  "again",
  "restart",
  "kill",
  "resync",
  "token",
  "tab",
] as const;

const DUE = { date: "2126-12-01", time: null, timezone: null };

export interface Step {
  device: number;
  what: (typeof WHAT)[number];
  /** Which thing, and how long until the next step. */
  which: number;
  pause: number;
}

export const steps = (most: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({ device: fc.nat(2), what: fc.constantFrom(...WHAT), which: fc.nat(1000), pause: fc.constantFrom(0, 0, 1, 2, 5, 20) }),
    { minLength: 5, maxLength: most, size: "max" },
  );

/** A title that somebody gave, over what was on the screen. */
interface Said {
  device: Device;
  act: string;
  id: Id;
  title: string;
  over: string | undefined;
}

class Run {
  readonly server = new TestServer();
  readonly devices = [0, 1, 2].map(() => new Device(this.server));
  readonly said: Said[] = [];
  readonly acts = new Map<Device, Act[]>(this.devices.map((each) => [each, []]));
  readonly undone = new Set<string>();
  readonly problems = new Map<Device, Map<string, Problem>>(this.devices.map((each) => [each, new Map()]));
  #number = 0;
  #calls = 0;

  async step({ device: number, what, which, pause }: Step): Promise<void> {
    const device = this.devices[number] as Device;
    await this.#do(device, what, which);
    await ticks(pause);
  }

  async #do(device: Device, what: Step["what"], which: number): Promise<void> {
    const { client } = device;
    // Either tab, where there are two.
    const acting = (which % 2 === 1 && device.second) || client;
    switch (what) {
      case "tab": {
        const { second } = device;
        device.second = second ? undefined : await device.tab();
        return second?.close();
      }
      case "cut":
        return device.cut();
      case "connect":
        return device.connect();
      case "lose":
        device.lost++;
        return;
      case "slow":
        device.slow = which % 30;
        return;
      case "again":
        return this.server.tellAgain(which);
      case "restart":
        await client.close();
        await device.open();
        return;
      case "kill":
        await device.kill();
        await device.open();
        return;
      case "resync":
        return this.server.purge();
      case "token":
        this.server.token = `token ${which}`;
        device.token = which % 2 ? this.server.token : null;
        return;
      case "undo":
        return this.#undo(device, acting, which);
      default:
        return this.#act(device, acting, this.#operations(acting, what, which));
    }
  }

  #act(device: Device, client: Client, operations: Operation[]): void {
    if (operations.length === 0) return;
    const over = operations.map((each) => ("id" in each && each.kind === "task" ? client.get("task", each.id)?.title : undefined));
    const act = client.act(...operations);
    this.acts.get(device)?.push(act);
    operations.forEach((each, index) => {
      if (each.kind !== "task" || (each.op !== "create" && each.op !== "update") || each.task.title === undefined) return;
      this.said.push({ device, act: act.key, id: each.id, title: each.task.title, over: over[index] });
      assert.equal(client.get("task", each.id)?.title, each.task.title, "it is there in the same call");
    });
  }

  #undo(device: Device, client: Client, which: number): void {
    const acts = this.acts.get(device) ?? [];
    const act = acts.at(-1 - (which % 2));
    if (act && client.undo(act.key)) this.undone.add(act.key);
  }

  #operations(client: Client, what: Step["what"], which: number): Operation[] {
    const tasks = [...client.all("task").values()];
    const lists = [...client.all("list").values()];
    const task = tasks[which % (tasks.length || 1)];
    const list = lists[which % (lists.length || 1)];
    const word = `${what} ${++this.#number}`;
    if (what === "create") {
      const parent_id = task && which % 3 === 0 && !task.parent_id ? task.id : null;
      return [{ op: "create", kind: "task", id: newId(), task: { title: word, ...(parent_id ? { parent_id } : { list_id: list?.id ?? null }) } }];
    }
    if (what === "list") return [{ op: "create", kind: "list", id: newId(), list: { name: word } }];
    if (what === "preferences") return [{ op: "update", kind: "preferences", id: client.user, preferences: { start_page: word } }];
    if (what === "many") return tasks.slice(0, 4).map(({ id }) => ({ op: "update", kind: "task", id, task: { title: `${word} of ${id}` } }));
    if (list && what === "rename list") return [{ op: "update", kind: "list", id: list.id, list: { name: word } }];
    if (list && what === "delete list") return [{ op: "delete", kind: "list", id: list.id, tasks: "inbox" }];
    if (task === undefined) return [];
    const { id } = task;
    const other = tasks.find((each) => each.id !== id && each.list_id === task.list_id && each.parent_id === task.parent_id && !each.is_completed);
    switch (what) {
      case "title":
        return [{ op: "update", kind: "task", id, task: { title: word } }];
      case "priority":
        return [{ op: "update", kind: "task", id, task: { priority: which % 2 ? "high" : "low" } }];
      case "complete":
      case "reopen":
      case "delete":
        return [{ op: what, kind: "task", id }];
      case "move":
        return [{ op: "move", kind: "task", id, to: other && !task.is_completed ? { before: other.id } : { list_id: list?.id ?? null, parent_id: null } }];
      case "indent":
        return other && !other.parent_id ? [{ op: "move", kind: "task", id, to: { parent_id: other.id } }] : [];
      case "tag":
        return [{ op: "tag", kind: "task", id, tags: [`tag ${which % 4}`] }];
      case "untag":
        return [{ op: "untag", kind: "task", id, tags: [`tag ${which % 4}`] }];
      case "recur":
        if (task.is_completed) return [];
        return [{ op: "update", kind: "task", id, task: { due: DUE, recurrence: { rule: "FREQ=WEEKLY", from: "due" } } }];
      case "skip":
        return task.recurrence?.occurrence ? [{ op: "skip", kind: "task", id, occurrence: task.recurrence.occurrence }] : [];
      case "next": {
        // What was done a moment ago to a task that recurs, and then to its successor.
        const next = tasks.find((each) => each.series_id !== null && !each.is_completed);
        return next ? [{ op: "update", kind: "task", id: next.id, task: { title: word } }] : [];
      }
      default:
        return [];
    }
  }

  /** Everybody comes back, and all is sent. */
  async settle(): Promise<void> {
    for (const device of this.devices) {
      device.lost = 0;
      device.token = this.server.token;
      device.connect();
    }
    for (const device of this.devices) {
      const behind = () => ({ status: device.client.status, server: this.server.revision });
      await until(() => this.#isSettled(device) || this.#call(device), behind);
    }
    // What one has sent last has to reach the others.
    for (const device of this.devices) await until(() => this.#isSettled(device) && this.#isEqual(device), () => this.#difference(device));
  }

  #isSettled(device: Device): boolean {
    return device.client.status.waiting === 0 && device.client.status.state === "live";
  }

  #difference({ client }: Device): unknown {
    return KINDS.map((kind) => [kind, [...client.all(kind).values()], [...this.server.all(kind).values()]]);
  }

  /** Pauses are long beside these tests. */
  #call({ client }: Device): boolean {
    if (client.status.state !== "syncing" && ++this.#calls % 50 === 0) client.resume();
    return false;
  }

  #isEqual(device: Device): boolean {
    return KINDS.every((kind) => {
      const server = sorted(this.server.all(kind));
      return tabs(device).every((client) => isDeepStrictEqual(sorted(client.all(kind)), server));
    });
  }

  check(): void {
    for (const client of this.devices.flatMap(tabs)) {
      for (const kind of KINDS) assert.deepEqual(sorted(client.all(kind)), sorted(this.server.all(kind)), kind);
    }
    for (const said of this.said) this.#checkNotLost(said);
    for (const [id, written] of this.server.titles) {
      written.forEach((each, index) => {
        const was = written[index - 1];
        if (was?.title && !each.undo && was.device !== each.device) this.#checkAsked(id, was.title, each.title, each.device);
      });
    }
  }

  /** What was said has reached the server, or a problem tells of it, or it was taken back or said anew before it was sent. */
  #checkNotLost({ device, act, id, title, over }: Said): void {
    const history = this.server.titles.get(id) ?? [];
    if (history.some((each) => each.title === title)) return;
    if (this.undone.has(act) || device.client.problems.some((each) => each.act.key === act)) return;
    const later = this.said.slice(this.said.findIndex((each) => each.act === act) + 1);
    if (later.some((each) => each.device === device && each.id === id)) return;
    // In another tab, which did not know of it yet: within a millisecond either may be the last.
    if (this.said.some((each) => each.device === device && each.id === id && each.act !== act && each.over === over)) return;
    const acts = this.acts.get(device) ?? [];
    const deleted = acts.some(({ operations }) => operations.some((each) => each.op === "delete" && "id" in each));
    assert.ok(deleted, `${title} is lost`);
  }

  /** Who overwrote what another device had written had seen that, or is asked. */
  #checkAsked(id: Id, was: string, title: string | null, host: string): void {
    // The next task of a series has the title of the one before, until somebody gives it another.
    if (!this.said.some((each) => each.id === id && each.title === was)) return;
    const device = this.devices.find((each) => each.host === host);
    // Of what was said one after the other, only the last may have been sent.
    for (let over = title; over !== null && over !== undefined; ) {
      const said = this.said.find((each) => each.id === id && each.title === over && each.device === device);
      if (said?.over === was) return;
      over = said?.over ?? null;
    }
    const told = device?.client.problems.some((each) => {
      return each.problem === "conflict" && each.thing === id && each.fields.some(({ theirs }) => theirs === was);
    });
    if (!told && title !== null) assert.fail(`${was} was overwritten by ${title} unseen`);
  }

  async close(): Promise<void> {
    for (const { client, second } of this.devices) {
      await second?.close();
      await client.close({ forget: true });
    }
  }
}

function tabs({ client, second }: Device): Client[] {
  return second ? [client, second] : [client];
}

function sorted<T>(things: ReadonlyMap<Id, T>): [Id, T][] {
  return [...things].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

export async function run(every: readonly Step[]): Promise<void> {
  const running = new Run();
  for (const device of running.devices) await device.open();
  try {
    for (const step of every) await running.step(step);
    await running.settle();
    running.check();
  } finally {
    await running.close();
  }
}
