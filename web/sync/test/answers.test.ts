/** Whatever a server, or a proxy before it, answers: over real HTTP, with the pauses that the engine really makes. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";

import { Account } from "../account.ts";
import type { Client } from "../client.ts";
import { newId } from "../ids.ts";
import type { Id } from "../things.ts";
import { TestServer } from "./server.ts";

type Instead = (request: IncomingMessage, response: ServerResponse) => void;

interface Served {
  server: TestServer;
  client: Client;
  /** The next requests of a kind get this in place of the server's answer. */
  instead: Map<"write" | "changes" | "events", Instead[]>;
  /** When each write came, by the clock that the engine's pauses go by, and with which key. */
  writes: { at: number; key: string }[];
  tokens: { given: string | null; asked: boolean[] };
}

const ends: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of ends) await end();
});

async function served(): Promise<Served> {
  const server = new TestServer();
  const instead: Served["instead"] = new Map();
  const writes: Served["writes"] = [];
  const http = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part as string;
    const url = new URL(request.url ?? "", "http://x");
    const headers = new Headers(request.headers as Record<string, string>);
    const what = request.method !== "GET" ? "write" : url.pathname.endsWith("/events") ? "events" : "changes";
    if (what === "write") writes.push({ at: performance.now(), key: headers.get("Idempotency-Key") ?? "" });
    const given = url.pathname.endsWith("/usage") ? undefined : instead.get(what)?.shift();
    if (given) return given(request, response);
    if (what === "events") return follow(headers, response);
    const answered = server.handle("a", request.method ?? "", url, headers, body);
    response.writeHead(answered.status, { "Content-Type": "application/json", ...answered.headers });
    response.end(answered.body === undefined ? undefined : JSON.stringify(answered.body));
  }

  function follow(headers: Headers, response: ServerResponse): void {
    response.setHeader("Content-Type", "text/event-stream");
    const stop = server.follow("a", headers, (text) => response.write(text), () => response.end());
    if (typeof stop !== "function") return void response.writeHead(stop.status, { "Content-Type": "application/json" }).end(JSON.stringify(stop.body));
    response.on("close", stop);
    response.flushHeaders();
  }

  await new Promise<void>((listens) => http.listen(0, "127.0.0.1", listens));
  const tokens: Served["tokens"] = { given: server.token, asked: [] };
  const client = await Account.open({
    server: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    user: server.user,
    token: async (renewed) => {
      if (renewed) tokens.asked.push(renewed);
      return tokens.given;
    },
  });
  ends.push(async () => {
    await client.close({ forget: true });
    http.closeAllConnections();
    http.close();
  });
  await until(() => client.status.state === "live", () => client.status);
  return { server, client, instead, writes, tokens };
}

const says = (status: number, body: string, headers: Record<string, string> = {}): Instead => (_, response) =>
  void response.writeHead(status, headers).end(body);
const error = (status: number, code: string, headers?: Record<string, string>): Instead =>
  says(status, JSON.stringify({ code, message: code }), { "Content-Type": "application/json", ...headers });
const portal = says(200, "<!doctype html><title>Log in to this network</title>", { "Content-Type": "text/html" });

async function until(look: () => boolean, about: () => unknown): Promise<void> {
  for (const begun = performance.now(); !look(); ) {
    if (performance.now() - begun > 30_000) throw new Error(`It never was so: ${JSON.stringify(about())}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

const sent = ({ client }: Served): Promise<void> =>
  until(() => client.status.waiting === 0 && client.status.state === "live", () => [client.status, client.problems]);

function add({ client }: Served, title: string): Id {
  const id = newId();
  client.act({ op: "create", kind: "task", id, task: { title } });
  return id;
}

const titles = ({ server }: Served): string[] => [...server.all("task").values()].map(({ title }) => title).toSorted();

describe("what is answered in place of what was asked for", { concurrency: true }, () => {
  test("it is tried again when the server says, and not before; what it says may make no sense", async () => {
    const answers: readonly (readonly [Instead, number])[] = [
      [error(429, "too_many_requests", { "Retry-After": "1" }), 1000],
      [says(503, "<html>", { "Retry-After": "0" }), 500],
      [error(503, "unavailable", { "Retry-After": "-7" }), 500],
      [says(504, "", { "Retry-After": "Thu, 26 Nov 2026 10:00:00 GMT" }), 500],
      [says(507, "<html>"), 500],
      [portal, 500],
      [says(204, ""), 500],
      [says(200, "{}", { "Content-Type": "application/json" }), 500],
    ];
    await Promise.all(answers.map(([answer, pause]) => isTriedAgain(answer, pause)));
  });

  async function isTriedAgain(answer: Instead, pause: number): Promise<void> {
    const all = await served();
    all.instead.set("write", [answer]);
    add(all, "waits");
    await until(() => all.client.status.state === "offline", () => all.client.status);
    assert.deepEqual([all.client.status.waiting, all.client.all("task").size], [1, 1]);
    // What is done meanwhile is no reason to ask again, where the server has said how long it wants to be left alone.
    if (pause > 500) add(all, "meanwhile");
    await sent(all);
    const [first, second] = all.writes;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) > pause - 20, "it waits");
    assert.equal(second?.key, first?.key, "it is the same request");
    assert.deepEqual(titles(all), pause > 500 ? ["meanwhile", "waits"] : ["waits"]);
  }

  test("what the server has no room for is told", async () => {
    const all = await served();
    all.instead.set("write", [error(507, "no_room_here")]);
    add(all, "too much");
    await until(() => all.client.problems.length > 0, () => all.client.status);
    const [problem] = all.client.problems;
    assert.ok(problem?.problem === "refused" && problem.code === "no_room_here" && JSON.stringify(problem.act).includes("too much"));
    assert.deepEqual([all.client.status.waiting, all.client.all("task").size], [0, 0]);
  });

  test("a server that says to come back in years is asked again when somebody calls", async () => {
    const all = await served();
    all.instead.set("write", [error(429, "too_many_requests", { "Retry-After": "99999999999" })]);
    add(all, "waits");
    await until(() => all.client.status.state === "offline", () => all.client.status);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(all.writes.length, 1);
    all.client.resume();
    await sent(all);
    assert.deepEqual(titles(all), ["waits"]);
  });

  test("a token that ends between two requests is renewed, and what was sent is sent again by its key", async () => {
    const all = await served();
    all.instead.set("write", [error(401, "unauthenticated"), error(401, "unauthenticated")]);
    for (let number = 0; number < 50; number++) add(all, `task ${number}`);
    await until(() => all.client.status.state === "logged-out", () => all.client.status);
    assert.equal(all.client.status.waiting, 50);
    assert.deepEqual(all.tokens.asked, [true]);
    all.client.resume();
    await sent(all);
    assert.equal(all.writes[1]?.key, all.writes[0]?.key);
    assert.equal(all.writes[2]?.key, all.writes[0]?.key);
    assert.deepEqual([all.server.all("task").size, all.client.problems], [50, []]);
  });

  test("of fifty the one that is refused is told, and the others are done", async () => {
    const all = await served();
    const id = add(all, "there");
    await sent(all);
    all.tokens.given = null;
    all.server.endStreams();
    add(all, "the first");
    await until(() => all.client.status.state === "logged-out", () => all.client.status);
    for (let number = 0; number < 25; number++) add(all, `task ${number}`);
    const { key } = all.client.act({ op: "update", kind: "task", id, task: { title: "refused" } });
    for (let number = 25; number < 50; number++) add(all, `task ${number}`);
    all.tokens.given = all.server.token;
    all.client.resume();
    await sent(all);
    assert.equal(all.server.all("task").size, 52);
    assert.deepEqual(all.client.problems.map((each) => [each.problem, each.act.key]), [["refused", key]]);
    assert.equal(all.client.get("task", id)?.title, "there");
  });

  test("somebody who was faster is found, and both are kept and shown", async () => {
    const all = await served();
    const id = add(all, "there");
    await sent(all);
    all.instead.set("write", [says(503, "")]);
    all.client.act({ op: "update", kind: "task", id, task: { title: "mine" } });
    await until(() => all.client.status.state === "offline", () => all.client.status);
    all.server.do("elsewhere", { op: "update", kind: "task", id, task: { title: "theirs" } });
    all.client.resume();
    await sent(all);
    assert.equal(all.server.all("task").get(id)?.title, "mine");
    assert.deepEqual(all.client.problems.map((each) => each.problem === "conflict" && each.fields), [[{ field: "title", mine: "mine", theirs: "theirs" }]]);
  });

  test("a feed that is gone, is none, or ends in the middle of a change is read on from where it was", async () => {
    const half: Instead = (_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write('id: 9\nevent: change\ndata: {"revision":9,"kind":"task","id":"x","deleted":fal', () => response.destroy());
    };
    const gone = error(410, "resync_required");
    const answers: readonly (readonly ["events" | "changes", readonly Instead[]])[] = [
      ["events", [half, half]],
      ["events", [gone]],
      ["events", [portal, says(200, "data: {}\n\n", { "Content-Type": "text/plain" })]],
      ["changes", [gone]],
      ["changes", [portal, says(200, '{"changes":[]}'), says(200, "[]"), says(200, '{"changes":{},"revision":7,"has_more":false}')]],
    ];
    await Promise.all(answers.map(([what, given]) => isReadOn(what, given)));
  });

  async function isReadOn(what: "events" | "changes", given: readonly Instead[]): Promise<void> {
    const all = await served();
    add(all, "sent");
    await sent(all);
    all.instead.set(what, [...given]);
    all.server.endStreams();
    all.server.do("elsewhere", { op: "create", kind: "task", id: newId(), task: { title: "from elsewhere" } });
    for (let left = given.length; left >= 0; left--) {
      all.client.resume();
      await until(() => (all.instead.get(what)?.length ?? 0) < left || left === 0, () => [what, all.client.status]);
    }
    await sent(all);
    await until(() => all.client.all("task").size === 2, () => all.client.status);
    add(all, "goes on");
    await sent(all);
    assert.deepEqual(titles(all), ["from elsewhere", "goes on", "sent"]);
  }
});
