/** Devices with networks of their own, which the tests cut. */

import { Account } from "../account.ts";
import type { Client } from "../client.ts";
import { Storage } from "../storage.ts";
import type { Answered, TestServer } from "./server.ts";

const devices = new Map<string, Device>();
let number = 0;

/** Requests to `http://<device>.test` reach that device's server, if its network lets them. */
globalThis.fetch = async (input, init) => {
  const url = new URL(String(input));
  const device = devices.get(url.hostname);
  if (!device) throw new TypeError("no such host");
  return device.fetch(url, init ?? {});
};

// The engine waits 0.5 to 5 seconds for a network: here a hundredth of that.
const wait = globalThis.setTimeout;
globalThis.setTimeout = ((work: () => void, ms = 0) => wait(work, ms / 100)) as typeof setTimeout;

export class Device {
  readonly server: TestServer;
  readonly host: string;
  online = true;
  /** So many of the next answers are lost: what was asked is done. */
  lost = 0;
  /** What the next write is answered in place of the server. */
  instead: (() => Response) | undefined;
  /** A proxy keeps the feed to itself. */
  deaf = false;
  /** For so long an answer is on its way: meanwhile the stream tells of it. */
  slow = 1;
  /** Nothing that happens from now on reaches the disk, as if the program were killed. */
  killed = false;
  token: string | null;
  #client: Client | undefined;
  /** A second tab, if there is one. */
  second: Client | undefined;
  readonly #streams = new Set<() => void>();

  constructor(server: TestServer) {
    this.server = server;
    this.host = `device${++number}.test`;
    this.token = server.token;
    devices.set(this.host, this);
  }

  get client(): Client {
    if (!this.#client) throw new Error("it is not open");
    return this.#client;
  }

  async open(): Promise<Client> {
    this.killed = false;
    this.#client = await this.tab();
    return this.#client;
  }

  /** Another tab. */
  async tab(): Promise<Client> {
    return Account.open({ server: `http://${this.host}`, user: this.server.user, token: async () => this.token });
  }

  /** Ends it as a crash does, after what was done has reached the disk. */
  async kill(): Promise<void> {
    await ticks(20);
    this.killed = true;
    await Promise.all([this.client.close(), this.second?.close()]);
    this.second = undefined;
  }

  cut(): void {
    this.online = false;
    for (const end of this.#streams) end();
    this.#streams.clear();
  }

  connect(): void {
    this.online = true;
    this.client.resume();
  }

  async fetch(url: URL, init: RequestInit): Promise<Response> {
    await ticks(1);
    init.signal?.throwIfAborted();
    if (!this.online || (this.deaf && !init.method?.match(/POST|PATCH|DELETE/))) throw new TypeError("offline");
    const headers = new Headers(init.headers);
    if (url.pathname.endsWith("/events")) return this.#stream(headers, init.signal ?? null);
    const method = init.method ?? "GET";
    const { instead } = this;
    if (method !== "GET" && instead) {
      this.instead = undefined;
      return instead();
    }
    const answered = this.server.handle(this.host, method, url, headers, String(init.body ?? ""));
    if (method !== "GET" && this.lost > 0) {
      this.lost--;
      throw new TypeError("the answer is lost");
    }
    await ticks(method === "GET" ? 1 : this.slow);
    if (!this.online) throw new TypeError("offline");
    const body = answered.body === undefined ? null : JSON.stringify(answered.body);
    return new Response(body, { status: answered.status, headers: answered.headers ?? {} });
  }

  #stream(headers: Headers, signal: AbortSignal | null): Response {
    let end = () => {};
    let stop: (() => void) | undefined;
    let refused: Answered | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const encoder = new TextEncoder();
        end = () => {
          stop?.();
          try {
            controller.close();
          } catch {
            // It is closed.
          }
        };
        const answered = this.server.follow(this.host, headers, (text) => controller.enqueue(encoder.encode(text)), end);
        if (typeof answered === "function") stop = answered;
        else refused = answered;
      },
    });
    if (refused) return new Response(JSON.stringify(refused.body), { status: refused.status });
    this.#streams.add(end);
    signal?.addEventListener("abort", end);
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }
}

/** Until it is so; the loop of events goes round meanwhile. */
export async function until(look: () => boolean, about: () => unknown = () => undefined): Promise<void> {
  for (const begun = performance.now(); !look(); ) {
    if (performance.now() - begun > 30_000) throw new Error(`It never was so: ${JSON.stringify(about())}`);
    await ticks(1);
  }
}

export async function ticks(number_: number): Promise<void> {
  for (let tick = 0; tick < number_; tick++) await new Promise((resolve) => setImmediate(resolve));
}

const write = { records: Storage.prototype.writeRecords, pages: Storage.prototype.writePages };
const failing = new Set<string>();

/** The disk of a device refuses writes. */
export function fail(device: Device, fails: boolean): void {
  if (fails) failing.add(device.host);
  else failing.delete(device.host);
}

function refuses(storage: Storage): boolean {
  const host = /http:\/\/(\S+) /.exec(storage.name)?.[1] ?? "";
  return failing.has(host) || (devices.get(host)?.killed ?? false);
}

Storage.prototype.writeRecords = function (...given) {
  return refuses(this) ? Promise.reject(new DOMException("full", "QuotaExceededError")) : write.records.apply(this, given);
};
Storage.prototype.writePages = function (...given) {
  return refuses(this) ? Promise.reject(new DOMException("full", "QuotaExceededError")) : write.pages.apply(this, given);
};
