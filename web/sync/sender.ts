/** Sends what waits, in its order, one request after the other; each until it is answered. */

import type { Copy } from "./copy.ts";
import { Away, jsonOf, LoggedOut, Refused, type Server } from "./http.ts";
import type { Merging } from "./merging.ts";
import type { Entry, Outbox, SentRequest } from "./outbox.ts";
import type { Records } from "./records.ts";
import { nextRequest } from "./requests.ts";
import type { Kind, Things } from "./things.ts";
import type { Waiting } from "./waiting.ts";

const ANSWER_MS = 60_000;

interface SenderTarget {
  /** What waits has changed otherwise than by somebody who acts: it is to be done again, and shown. */
  refold(): void;
  /** Resolves once what is kept has been written, or cannot be. */
  written(): Promise<void>;
  /** Reads the changes up to now. */
  catchUp(signal: AbortSignal): Promise<void>;
  is(state: "sending" | "offline" | "logged-out"): void;
}

interface Parts {
  server: Server;
  copy: Copy;
  outbox: Outbox;
  records: Records;
  merging: Merging;
  waiting: Waiting;
  target: SenderTarget;
}

type Result = { id: string; revision?: number } & { [K in Kind]?: Things[K] | null };

export class Sender {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { waiting, target } = this.#parts;
    while (!signal.aborted) {
      try {
        const request = await this.#next();
        if (request === null) await waiting.call();
        else await this.#send(request, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof LoggedOut) {
          target.is("logged-out");
          await waiting.call();
        } else {
          target.is("offline");
          await waiting.pause(error instanceof Away ? error.seconds : undefined);
        }
      }
    }
  }

  /** The one that may have been sent already, or a new one, which is kept before it is sent. */
  async #next(): Promise<SentRequest | null> {
    const { copy, outbox, records, target } = this.#parts;
    const [sent] = records.all("requests").values();
    if (sent) return sent;
    outbox.cancel();
    outbox.annihilate();
    this.#beforeSending();
    const request = nextRequest(copy, outbox, records);
    if (request === null) return null;
    this.#freeze(request);
    await target.written();
    return request;
  }

  #beforeSending(): void {
    const { outbox, records, merging } = this.#parts;
    const waiting = outbox.entries.filter((each) => each.answered === undefined);
    // What has come by the feed meanwhile, successors as well, is not asked for.
    merging.rebaseOnCopy(waiting);
    for (const each of waiting) if (each.seen === 0) this.#afterMaking(each);
    const [first] = waiting;
    if (first?.operation.op === "undo" && !records.get("acts", first.act)?.tokens.length) {
      merging.refuse(first, 404, { code: "undo_not_found", message: "The server has no room to keep what was there before." });
    }
  }

  /** Another tab may have acted on what was made here before it knew of the answer, and the feed has not come by its making. */
  #afterMaking({ key, operation }: Entry): void {
    const { outbox, records } = this.#parts;
    if (operation.op === "undo" || operation.op === "create" || !("id" in operation)) return;
    const made = outbox.entries.find((each) => each.operation.op === "create" && each.operation.id === operation.id);
    const entry = records.get("entries", key);
    if (made?.answered && entry?.seen === 0) records.put("entries", { ...entry, seen: made.revision ?? made.answered });
  }

  #freeze(request: SentRequest): void {
    const { records } = this.#parts;
    records.put("requests", request);
    const acts = new Set<string>();
    for (const entry of this.#entriesOf(request)) {
      records.put("entries", { ...entry, request: request.key });
      acts.add(entry.act);
    }
    for (const key of acts.size > 1 ? acts : []) {
      const act = records.get("acts", key);
      if (act) records.put("acts", { ...act, shared: true });
    }
  }

  async #send(request: SentRequest, signal: AbortSignal): Promise<void> {
    const { server, target, waiting } = this.#parts;
    const { method, path, body, headers, key } = request;
    const asked = { method, body, headers: { ...headers, "Idempotency-Key": key }, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) };
    try {
      const response = await server.ask(path, asked);
      const answer = response.status === 204 ? null : await jsonOf<Record<string, unknown>>(response);
      if (!isOurs(request, answer)) throw new Away();
      await this.#answered(request, answer ?? {}, response.headers.get("Undo-Token"), signal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused(request, error);
    }
    waiting.succeeded();
    target.is("sending");
    target.refold();
  }

  async #answered(request: SentRequest, answer: Record<string, unknown>, token: string | null, signal: AbortSignal): Promise<void> {
    const { records, outbox, target, copy } = this.#parts;
    const results = Array.isArray(answer["results"]) ? (answer["results"] as Result[]) : [answer as unknown as Result];
    const revision = Math.max(...results.map((each) => each.revision ?? 0));
    const entries = this.#entriesOf(request);
    for (const entry of entries) {
      const { request: _, ...open } = entry;
      records.put("entries", { ...open, answered: revision });
    }
    request.entries.forEach(([first], index) => this.#follow(records.get("entries", first ?? ""), results[index]));
    this.#keepToken(entries, token);
    records.remove("requests", request.key);
    if (entries.some((each) => each.operation.op === "undo")) this.#undone(entries, answer);
    if (revision > 0) outbox.drop(copy.revision);
    // Nothing says when the feed will have it, nor at which revision is now what waits for this.
    else await target.catchUp(signal).catch(() => undefined);
  }

  /** Later operations on the same thing are done on top of this one. */
  #follow(entry: Entry | undefined, result: Result | undefined): void {
    if (!entry || entry.operation.op === "undo" || !("id" in entry.operation) || !result?.revision) return;
    if (entry.operation.op === "merge") return; // it is another's
    this.#parts.records.put("entries", { ...entry, revision: result.revision });
    this.#parts.merging.follow(entry.operation.kind, entry.operation.id, result.revision, entry.seen);
  }

  #keepToken(entries: readonly Entry[], token: string | null): void {
    const { records } = this.#parts;
    for (const key of new Set(entries.map((each) => each.act))) {
      const act = records.get("acts", key);
      const tokens = token === null || act?.shared ? [] : [token];
      if (act) records.put("acts", { ...act, reached: true, tokens: [...act.tokens, ...tokens] });
    }
  }

  /** One of the requests of an act was taken back; the others are next. */
  #undone(entries: readonly Entry[], answer: Record<string, unknown>): void {
    const { records, merging } = this.#parts;
    for (const entry of entries) {
      const act = records.get("acts", entry.act);
      if (!act) continue;
      const tokens = act.tokens.slice(0, -1);
      records.put("acts", { ...act, tokens });
      const now = records.get("entries", entry.key);
      if (now && tokens.length > 0) {
        const { answered: _, ...again } = now;
        records.put("entries", again);
      }
      const kept = answer["conflicts"] as { kind: Kind; id: string }[] | undefined;
      if (kept?.length) merging.tell(entry, { problem: "kept", things: kept });
    }
  }

  #refused(request: SentRequest, { status, refusal }: Refused): void {
    const { records, merging } = this.#parts;
    for (const entry of this.#entriesOf(request)) {
      const { request: _, ...thawed } = entry;
      records.put("entries", thawed);
    }
    records.remove("requests", request.key);
    const index = refusal.index ?? indexIn(refusal.detail) ?? 0;
    const entries = (request.entries[index] ?? []).flatMap((key) => records.get("entries", key) ?? []);
    const current = refusal.current as Things[Kind] | undefined;
    if (status === 412 && current) this.#passed(entries, current);
    else for (const entry of entries) merging.refuse(entry, status, refusal);
  }

  /** Somebody was faster. A create that finds its own thing had arrived before. */
  #passed(entries: readonly Entry[], current: Things[Kind]): void {
    const { records, merging, outbox } = this.#parts;
    const [first] = entries;
    if (first === undefined || first.operation.op === "undo" || !("id" in first.operation)) return;
    if (first.operation.op !== "create") {
      merging.rebase(first.operation.kind, first.operation.id, current);
      merging.rebaseOnCopy(outbox.entries.filter((each) => each.answered === undefined));
      return;
    }
    records.put("entries", { ...first, answered: current.revision, revision: current.revision });
    merging.follow(first.operation.kind, first.operation.id, current.revision, first.seen);
  }

  #entriesOf(request: SentRequest): Entry[] {
    return request.entries.flat().flatMap((key) => this.#parts.records.get("entries", key) ?? []);
  }
}

/** Whether it can be the answer. A network that wants a log-in of its own may say 200 to anything, in JSON as well. */
function isOurs({ method, path, entries }: SentRequest, answer: unknown): boolean {
  if (answer === null) return method === "DELETE";
  if (typeof answer !== "object" || Array.isArray(answer)) return false;
  const { results, revision, undone, seen } = answer as Record<string, unknown>;
  if (path.endsWith("/tasks/batch")) return Array.isArray(results) && results.length === entries.length;
  return [revision, undone, seen].some((each) => typeof each === "number");
}

/** The number of the operation that could not even be read. */
function indexIn(detail: unknown): number | undefined {
  if (!Array.isArray(detail)) return undefined;
  const index = (detail[0] as { loc?: unknown[] } | undefined)?.loc?.find((each) => typeof each === "number");
  return typeof index === "number" ? index : undefined;
}
