/** Several tabs are one: one of them leads, which sends and listens, and they tell each other what changes. */

import type { Status } from "./client.ts";
import type { Change, AnyThing } from "./copy.ts";
import { newId } from "./ids.ts";
import type { RecordChanges } from "./records.ts";
import type { Storage } from "./storage.ts";
import type { Kind } from "./things.ts";

export type Message =
  | { type: "records"; changes: RecordChanges }
  /** From one position to another. Who is not at the first has missed something. */
  | { type: "changes"; from: string; to: string; changes: readonly Change[] }
  | { type: "status"; status: Status; position: string }
  | { type: "hello" }
  | { type: "behind" }
  | { type: "copy"; things: readonly (readonly [Kind, readonly AnyThing[]])[]; position: string }
  | { type: "resume" };

const LEASE_MS = 3000;
const RENEWED_MS = 1000;

export class Tabs {
  readonly #name: string;
  readonly #storage: Storage | null;
  readonly #channel: BroadcastChannel | null;

  constructor(name: string, storage: Storage | null, listener: (message: Message) => void) {
    this.#name = name;
    this.#storage = storage;
    // Without a storage in common, each tab is by itself.
    this.#channel = storage && typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : null;
    this.#channel?.addEventListener("message", (event) => listener(event.data as Message));
  }

  tell(message: Message): void {
    this.#channel?.postMessage(message);
  }

  /** Resolves once this tab leads, with what ends when it does so no longer. */
  async lead(closed: AbortSignal): Promise<AbortSignal> {
    const locks = typeof navigator === "object" ? navigator.locks : undefined;
    if (this.#storage === null) return closed;
    return locks ? this.#lock(locks, closed) : this.#lease(this.#storage, closed);
  }

  close(): void {
    this.#channel?.close();
  }

  #lock(locks: LockManager, closed: AbortSignal): Promise<AbortSignal> {
    return new Promise((resolve, reject) => {
      const held = locks.request(this.#name, { signal: closed }, () => {
        resolve(closed);
        return new Promise<void>((release) => closed.addEventListener("abort", () => release(), { once: true }));
      });
      held.catch(reject);
    });
  }

  /** On plain http there are no locks: a lease in the database, which has to be renewed. */
  async #lease(storage: Storage, closed: AbortSignal): Promise<AbortSignal> {
    const holder = newId();
    const take = () => storage.lease(holder, Date.now(), Date.now() + LEASE_MS).catch(() => false);
    while (!(await take())) {
      await new Promise((resolve) => setTimeout(resolve, RENEWED_MS));
      closed.throwIfAborted();
    }
    const term = new AbortController();
    const timer = setInterval(async () => {
      if (!(await take())) term.abort();
    }, RENEWED_MS);
    term.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    const end = () => {
      term.abort();
      void storage.lease(holder, Date.now(), 0).catch(() => undefined);
    };
    closed.addEventListener("abort", end, { once: true });
    return term.signal;
  }
}
