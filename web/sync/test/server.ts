/**
 * A server in memory, for the tests: it behaves as the real one does for what the engine uses. What an operation does to the
 * account it takes from the engine itself, since tests/web/test_engine.py compares that with the real one.
 */

import { type AnyThing, type Change, Copy, KINDS } from "../copy.ts";
import { fold } from "../fold/fold.ts";
import { asTags } from "../fold/names.ts";
import { keyOf } from "../texts.ts";
import { instantToText } from "../dates.ts";
import { newId } from "../ids.ts";
import type { Image } from "../outbox.ts";
import { idOf } from "../storage.ts";
import type { Id, Kind, Operation, Things } from "../things.ts";

/** A token that is good, and of another person. */
export const SOMEBODY_ELSES = "a token of somebody else's";

type Sent = Operation & { if_revision?: number };

export interface Answered {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What a title was, one after the other, and who wrote it. */
export interface Written {
  title: string | null;
  device: string;
  undo: boolean;
}

class Problem extends Error {
  readonly status: number;
  readonly more: Record<string, unknown>;
  constructor(status: number, code: string, more: Record<string, unknown> = {}) {
    super(code);
    this.status = status;
    this.more = { code, message: code, ...more };
  }
}

export class TestServer {
  readonly user: Id = "0cef3e18-1627-4598-a15a-56992faea3ff";
  readonly copy = new Copy(this.user);
  readonly titles = new Map<Id, Written[]>();
  readonly requests: { device: string; method: string; path: string; body: unknown; replayed: boolean; status: number }[] = [];
  token = "token 1";
  revision = 0;
  purged = 0;
  mostRows = 500;
  #tombstones: Change[] = [];
  #answers = new Map<string, { request: string; answered: Answered }>();
  #undos = new Map<string, { images: readonly Image[]; after: Map<string, number>; answer?: unknown }>();
  /** What the transaction under way has touched. */
  #images = new Map<string, Image>();
  readonly #streams = new Set<{ device: string; position: number; send: (text: string) => void; end: () => void }>();

  handle(device: string, method: string, url: URL, headers: Headers, body: string): Answered {
    const refused = this.#authenticate(headers);
    if (refused) return refused;
    const path = url.pathname + url.search;
    const json: unknown = body ? JSON.parse(body) : undefined;
    if (method === "GET" && url.pathname === "/api/auth/me/usage") return { status: 200, body: { tasks: this.copy.all("task").size } };
    if (method === "GET") return this.#changes(url);
    const answered = this.#once(device, method, path, headers, body, json);
    this.requests.push({ device, method, path, body: json, replayed: answered.headers?.["Idempotency-Replayed"] === "true", status: answered.status });
    return answered;
  }

  #authenticate(headers: Headers): Answered | undefined {
    const given = headers.get("Authorization");
    if (given === `Bearer ${SOMEBODY_ELSES}`) return { status: 403, body: { code: "forbidden", message: "" } };
    return given === `Bearer ${this.token}` ? undefined : { status: 401, body: { code: "unauthenticated", message: "" } };
  }

  /** Follows what changes. */
  follow(device: string, headers: Headers, send: (text: string) => void, end: () => void): Answered | (() => void) {
    const refused = this.#authenticate(headers);
    if (refused) return refused;
    const position = Number.parseInt(headers.get("Last-Event-ID") ?? "0", 10);
    if (position > this.revision || position < this.purged) return { status: 410, body: { code: "resync_required", message: "" } };
    const stream = { device, position, send, end };
    this.#streams.add(stream);
    this.#push();
    return () => this.#streams.delete(stream);
  }

  endStreams(): void {
    for (const each of this.#streams) each.end();
    this.#streams.clear();
  }

  /** Tells of what everybody knows already, as a proxy may that has kept it. */
  tellAgain(since: number): void {
    const found = this.#since(Math.max(0, this.revision - (since % 10)));
    for (const each of this.#streams) each.send(events(found));
  }

  /** Deletions up to now are no longer known. */
  purge(): void {
    this.purged = this.revision;
    this.#tombstones = [];
  }

  /** What a backup has of it, and how it is restored. */
  backUp(): () => void {
    const things = KINDS.map((kind) => [kind, [...this.copy.all(kind).values()]] as const);
    const { revision, purged } = this;
    const tombstones = this.#tombstones.slice();
    return () => {
      for (const [kind, every] of things) {
        for (const id of this.copy.all(kind).keys()) this.copy.receive(kind, id, undefined);
        for (const each of every) this.copy.receive(kind, idOf(each), structuredClone(each) as never);
      }
      Object.assign(this, { revision, purged });
      this.#tombstones = tombstones.slice();
      this.#answers.clear();
      this.#undos.clear();
      this.endStreams();
    };
  }

  /** Does it as another client would. */
  do(device: string, ...operations: Sent[]): void {
    this.#transaction(device, false, () => operations.map((each) => this.#perform(each)));
    this.#push();
  }

  all<K extends Kind>(kind: K): Map<Id, Things[K]> {
    return new Map(this.copy.all(kind));
  }

  #once(device: string, method: string, path: string, headers: Headers, body: string, json: unknown): Answered {
    const key = headers.get("Idempotency-Key") ?? "";
    const request = `${method} ${path} ${body} ${headers.get("If-Match")}`;
    const known = this.#answers.get(key);
    if (known && known.request !== request) return { status: 422, body: { code: "idempotency_key_reused", message: "" } };
    if (known) return { ...known.answered, headers: { ...known.answered.headers, "Idempotency-Replayed": "true" } };
    try {
      const answered = this.#write(device, method, path, headers, json);
      this.#answers.set(key, { request, answered });
      this.#push();
      return answered;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { status: error.status, body: error.more };
    }
  }

  #write(device: string, method: string, path: string, headers: Headers, json: unknown): Answered {
    const [address = "", query] = path.split("?");
    const parts = address.split("/").slice(3);
    if (parts[0] === "undo") return { status: 200, body: this.#undo(device, parts[1] ?? "") };
    const match = /"(\d+)"/.exec(headers.get("If-Match") ?? "");
    const expected = match ? { if_revision: Number(match[1]) } : {};
    let body: unknown;
    const images = this.#transaction(device, false, () => {
      if (path.endsWith("/tasks/batch")) {
        const operations = (json as { operations: Sent[] }).operations;
        const results = operations.map((each, index) => this.#numbered(each, index));
        const rows = this.copy === undefined ? 0 : results.length;
        if (rows > this.mostRows) throw new Problem(409, "too_many", { limit: "rows" });
        body = { results };
      } else {
        const result = this.#perform({ ...ownOperation(this.user, method, parts, new URLSearchParams(query), json), ...expected } as Sent);
        body = method === "DELETE" ? undefined : result[result.kind as "task"];
      }
    });
    const more: Record<string, string> = {};
    if (headers.get("Undo") === "1") {
      const token = newId();
      const after = new Map(images.map(({ kind, id }) => [`${kind} ${id}`, this.copy.get(kind, id)?.revision ?? -1]));
      this.#undos.set(token, { images, after });
      more["Undo-Token"] = token;
    }
    return body === undefined ? { status: 204, headers: more } : { status: 200, body, headers: more };
  }

  #numbered(operation: Sent, index: number): Record<string, unknown> {
    try {
      return this.#perform(operation);
    } catch (error) {
      if (error instanceof Problem) error.more["index"] = index;
      throw error;
    }
  }

  /** All of it, or nothing. Each thing that was touched gets a revision of its own. */
  #transaction(device: string, undo: boolean, work: () => void): Image[] {
    const before = { revision: this.revision, tombstones: this.#tombstones };
    this.#images = new Map();
    try {
      work();
    } catch (error) {
      this.copy.lift();
      this.revision = before.revision;
      this.#tombstones = before.tombstones;
      throw error;
    }
    const images = [...this.#images.values()];
    const now = images.map(({ kind, id }) => [kind, id, this.copy.get(kind, id)] as const);
    this.copy.lift();
    for (const [kind, id, thing] of now) this.copy.receive(kind, id, thing as never);
    for (const { kind, id, before: old, after } of images) if (kind === "task") this.#note(device, undo, id, old, after);
    return images;
  }

  #note(device: string, undo: boolean, id: Id, old: AnyThing | null, now: AnyThing | null): void {
    const [was, is] = [old, now].map((each) => (each && "title" in each ? each.title : null));
    if (was === is) return;
    const written = this.titles.get(id) ?? [];
    this.titles.set(id, [...written, { title: is ?? null, device, undo }]);
  }

  #perform(operation: Sent): Record<string, unknown> {
    this.#check(operation);
    const own = "id" in operation ? `${operation.kind} ${operation.id}` : "";
    const images = this.#record(() => fold({ copy: this.copy, at: instantToText(Temporal.Now.instant()), revision: this.revision + 1 }, plain(operation)));
    if (own && !images.some(({ kind, id }) => `${kind} ${id}` === own)) {
      const { kind, id } = operation as { kind: Kind; id: Id };
      images.push({ kind, id, before: null, after: this.copy.get(kind, id) ?? null });
    }
    for (const { kind, id } of images) if (kind === "task") this.#makeTags(this.copy.get("task", id)?.tags ?? []);
    // A list or tag is the last one that is written.
    const last = operation.op === "complete" || operation.op === "reopen" || operation.kind === "task" ? 0 : 1;
    const ordered = images.toSorted((a, b) => (Number(`${a.kind} ${a.id}` === own) - Number(`${b.kind} ${b.id}` === own)) * (last ? 1 : -1));
    for (const { kind, id } of ordered) this.#stamp(kind, id);
    const id = "id" in operation ? operation.id : "";
    const thing = this.copy.get(operation.kind, id);
    const revision = operation.op === "delete" || operation.op === "merge" ? this.revision : (thing?.revision ?? this.revision);
    return { status: 200, kind: operation.kind, id, revision, [operation.kind]: thing ?? null };
  }

  #check(operation: Sent): void {
    if (operation.op === "seen" || operation.kind === "preferences") return;
    const { kind, id } = operation;
    const now = this.copy.get(kind, id);
    if (operation.op === "create") {
      if (now) throw new Problem(412, "precondition_failed", { current: now });
      if (operation.kind === "tag") this.#checkName(operation.tag.name);
      if (operation.kind === "task") this.#checkPlace(operation.task, "create");
      return;
    }
    if (!now) throw new Problem(404, `${kind}_not_found`);
    if (operation.if_revision !== undefined && operation.if_revision !== now.revision) {
      throw new Problem(412, "precondition_failed", { current: structuredClone(now) });
    }
    if (operation.op === "update" && operation.kind === "task" && operation.task.title === "refused") throw new Problem(422, "validation_error");
    if (operation.op === "move") this.#checkMove(operation);
  }

  #checkName(name: string): void {
    const there = [...this.copy.all("tag").values()].find((each) => keyOf(each.name) === keyOf(name));
    if (there) throw new Problem(409, "tag_exists", { current: there });
  }

  #checkPlace(said: { list_id?: Id | null; section_id?: Id | null; parent_id?: Id | null }, op: string): void {
    const kinds = { list_id: "list", section_id: "section", parent_id: "task" } as const;
    for (const [name, kind] of Object.entries(kinds)) {
      const id = said[name as keyof typeof kinds];
      if (id && !this.copy.get(kind, id)) throw notFound(op, name);
    }
  }

  #checkMove({ kind, id, to }: Extract<Operation, { op: "move" }>): void {
    const said: { before?: Id; after?: Id; list_id?: Id | null; parent_id?: Id | null } = to;
    if (kind === "task") this.#checkPlace(said, "move");
    for (const name of ["before", "after"] as const) {
      const beside = said[name];
      if (beside === undefined) continue;
      const there = this.copy.get(kind, beside);
      if (!there) throw notFound("move", name);
      const now = this.copy.get(kind, id);
      if (kind !== "task" || !now || !("title" in now) || !("title" in there)) continue;
      const parent = said.parent_id === undefined ? now.parent_id : said.parent_id;
      const list = parent && said.parent_id ? this.copy.get("task", parent)?.list_id : said.list_id === undefined ? now.list_id : said.list_id;
      if (beside === id || there.list_id !== list || there.parent_id !== parent) throw new Problem(422, "not_a_sibling");
    }
  }

  /** Names that no tag has yet make one. */
  #makeTags(names: readonly string[]): void {
    const known = new Set([...this.copy.all("tag").values()].map((each) => keyOf(each.name)));
    for (const name of asTags(this.copy, names)) {
      if (known.has(keyOf(name))) continue;
      const id = newId();
      const doing = { copy: this.copy, at: instantToText(Temporal.Now.instant()), revision: this.revision + 1 };
      this.#record(() => fold(doing, { op: "create", kind: "tag", id, tag: { name } }));
      this.#stamp("tag", id);
    }
  }

  #stamp(kind: Kind, id: Id): void {
    const thing = this.copy.get(kind, id);
    this.revision++;
    this.#tombstones = this.#tombstones.filter((each) => each.kind !== kind || each.id !== id);
    if (thing) this.copy.put(kind, id, { ...thing, revision: this.revision } as never);
    else this.#tombstones = [...this.#tombstones, { revision: this.revision, kind, id, deleted: true }];
  }

  #record(doing: () => void): Image[] {
    const found = this.copy.record(doing);
    for (const each of found) {
      const key = `${each.kind} ${each.id}`;
      const known = this.#images.get(key);
      this.#images.set(key, known ? { ...known, after: each.after } : each);
    }
    return found;
  }

  #undo(device: string, token: string): unknown {
    const undo = this.#undos.get(token);
    if (!undo) throw new Problem(404, "undo_not_found");
    if (undo.answer) return undo.answer;
    const conflicts: { kind: Kind; id: Id }[] = [];
    let undone = 0;
    this.#transaction(device, true, () => {
      for (const { kind, id, before } of undo.images.toReversed()) {
        if ((this.copy.get(kind, id)?.revision ?? -1) !== undo.after.get(`${kind} ${id}`)) {
          conflicts.push({ kind, id });
          continue;
        }
        this.#record(() => this.copy.put(kind, id, (before ?? undefined) as never));
        this.#stamp(kind, id);
        undone++;
      }
    });
    undo.answer = { undone, conflicts };
    return undo.answer;
  }

  #changes(url: URL): Answered {
    const since = Number(url.searchParams.get("since"));
    const start = Number(url.searchParams.get("start") ?? 0);
    const limit = Number(url.searchParams.get("limit"));
    if (Math.max(since, start) > this.revision || (since > 0 && Math.max(since, start) < this.purged)) {
      return { status: 410, body: { code: "resync_required", message: "" } };
    }
    const found = this.#since(since);
    const page = found.slice(0, limit);
    const more = found.length > limit;
    const revision = more ? (page.at(-1)?.revision ?? 0) : this.revision;
    const next = since ? start : this.revision;
    const link = `</api/x/changes?since=${revision}&limit=${limit}${revision < this.purged ? `&start=${next}` : ""}>; rel="next"`;
    return { status: 200, body: { changes: page, revision, has_more: more }, headers: more ? { Link: link } : {} };
  }

  #since(revision: number): Change[] {
    const live = KINDS.flatMap((kind) =>
      [...this.copy.all(kind).values()]
        .filter((thing) => thing.revision > revision)
        .map((thing) => ({ revision: thing.revision, kind, id: idOf(thing), deleted: false, [kind]: thing }) as Change),
    );
    return [...live, ...this.#tombstones.filter((each) => each.revision > revision)].toSorted((a, b) => a.revision - b.revision);
  }

  #push(): void {
    for (const stream of this.#streams) {
      const found = this.#since(stream.position);
      stream.position = this.revision;
      if (found.length > 0) stream.send(events(found));
    }
  }
}

function events(changes: readonly Change[]): string {
  return changes.map((each) => `id: ${each.revision}\nevent: change\ndata: ${JSON.stringify(each)}\n\n`).join("");
}

function plain(sent: Sent): Operation {
  const operation = structuredClone(sent);
  delete operation.if_revision;
  return operation;
}

function notFound(op: string, name: string): Problem {
  return new Problem(422, "validation_error", { detail: [{ loc: ["body", "operations", 0, op, name], type: "not_found" }] });
}

/** The operation of a request that is no batch. */
function ownOperation(user: Id, method: string, [plural = "", id = "", what, , last]: string[], query: URLSearchParams, json: unknown): Operation {
  const kind = plural === "preferences" ? "preferences" : plural.slice(0, -1);
  const members = (json ?? {}) as Record<string, unknown>;
  if (kind === "preferences") return { op: "update", kind, id: user, preferences: members };
  if (id === "seen") return { op: "seen", kind: "notification", up_to: Number(members["up_to"]) };
  if (method === "DELETE") return { op: "delete", kind, id, tasks: query.get("tasks") ?? "inbox" } as Operation;
  if (what === "complete") return { op: "complete", kind: "task", id, ...members };
  if (what === "move") return { op: "move", kind, id, to: members } as Operation;
  if (last === "snooze") return { op: "snooze", kind: "task", id, reminder_id: "", until: String(members["until"]) };
  return { op: "update", kind, id, [kind]: members } as unknown as Operation;
}
