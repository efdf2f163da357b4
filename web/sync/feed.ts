/** The server's changes, in pages until all are read, and then as they come. */

import type { Change } from "./copy.ts";
import { Away, jsonOf, LoggedOut, Refused, type Server } from "./http.ts";
import type { Id } from "./things.ts";
import type { Waiting } from "./waiting.ts";

/** A connection may die and tell nobody: the server says something every 15 seconds. */
const SILENCE_MS = 40_000;
const PAGE_MS = 60_000;

interface FeedTarget {
  readonly position: string;
  /** These changes reach so far. `last`: all were read. */
  take(changes: readonly Change[], position: string, last: boolean): void;
  /** What was read is no longer known: it is read again, from 0, in place of what is there. */
  restart(): void;
  is(state: "syncing" | "live" | "offline" | "logged-out"): void;
  total(number: number): void;
}

interface Page {
  changes: Change[];
  revision: number;
  has_more: boolean;
}

export class Feed {
  readonly #server: Server;
  readonly #path: string;
  readonly #target: FeedTarget;
  readonly #waiting: Waiting;
  #reading: Promise<void> | null = null;
  #follows: AbortController | null = null;

  constructor(server: Server, user: Id, target: FeedTarget, waiting: Waiting) {
    this.#server = server;
    this.#path = `/api/${user}`;
    this.#target = target;
    this.#waiting = waiting;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#target.is("syncing");
        await this.catchUp(signal);
        await this.#follow(signal);
        await this.#waiting.pause();
      } catch (error) {
        if (signal.aborted) return;
        await this.#failed(error);
      }
    }
  }

  /** Tries again at once, also if there is a stream: it may be dead. */
  renew(): void {
    this.#follows?.abort();
    this.#waiting.insist();
  }

  /** Reads until there is no more. Who asks while it is read waits for the same, and then for what came meanwhile. */
  async catchUp(signal: AbortSignal): Promise<void> {
    if (this.#reading) await this.#reading.catch(() => undefined);
    this.#reading = this.#readAll(signal);
    try {
      await this.#reading;
    } finally {
      this.#reading = null;
    }
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    if (this.#target.position === "0") void this.#count(signal);
    for (let more = true; more; ) {
      try {
        more = await this.#readPage(signal);
      } catch (error) {
        if (!(error instanceof Refused && error.status === 410)) throw error;
        this.#target.restart();
      }
    }
  }

  async #readPage(signal: AbortSignal): Promise<boolean> {
    const [since, start] = this.#target.position.split("-");
    const query = new URLSearchParams({ kinds: "all", limit: "500", since: since ?? "0", ...(start ? { start } : {}) });
    const timeout = AbortSignal.timeout(PAGE_MS);
    const response = await this.#server.ask(`${this.#path}/changes?${query}`, { signal: AbortSignal.any([signal, timeout]) });
    const page = await jsonOf<Page>(response);
    if (!Array.isArray(page?.changes) || !Number.isSafeInteger(page.revision)) throw new Away(); // it is somebody else's answer
    const next = new URLSearchParams(/<[^>?]*\?([^>]*)>/.exec(response.headers.get("Link") ?? "")?.[1]).get("start");
    this.#target.take(page.changes, page.has_more && next ? `${page.revision}-${next}` : `${page.revision}`, !page.has_more);
    return page.has_more;
  }

  /** How many things there will be. Nothing depends on it. */
  async #count(signal: AbortSignal): Promise<void> {
    try {
      const usage = await jsonOf<Record<string, unknown>>(await this.#server.ask("/api/auth/me/usage", { signal }));
      const numbers = ["tasks", "lists", "sections", "tags", "filters"].map((name) => Number(usage[name] ?? 0));
      this.#target.total(numbers.reduce((a, b) => a + b));
    } catch {
      // Then it is not known.
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    this.#follows = new AbortController();
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const stops = AbortSignal.any([signal, silence.signal, this.#follows.signal]);
      const headers = { "Last-Event-ID": this.#target.position };
      const response = await this.#server.ask(`${this.#path}/events?kinds=all`, { headers, signal: stops });
      if (!response.body || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) throw new Away();
      this.#target.is("live");
      this.#waiting.succeeded();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let unread = ""; ; ) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        unread = this.#events(unread + value);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes all whole events at once, as what was written together has to be, and answers the rest. */
  #events(text: string): string {
    const events = text.split("\n\n");
    const rest = events.pop() ?? "";
    const changes: Change[] = [];
    let position = this.#target.position;
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data === undefined) continue;
      const change = JSON.parse(data) as Change;
      if (change.revision <= Number.parseInt(position, 10)) continue; // it is known
      changes.push(change);
      position = /^id: (.*)$/m.exec(event)?.[1] ?? position;
    }
    if (changes.length > 0) this.#target.take(changes, position, false);
    return rest;
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof LoggedOut) {
      this.#target.is("logged-out");
      return this.#waiting.call();
    }
    if (error instanceof Refused && error.status === 410) return this.#target.restart();
    this.#target.is("offline");
    await this.#waiting.pause(error instanceof Away ? error.seconds : undefined);
  }
}
