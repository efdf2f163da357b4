/** What this library offers. `open` gives a `Client` of one person's account. */

import type { Id, Kind, Operation, Things } from "./things.ts";

export interface Options {
  /** Where the server is, without a slash at the end: `https://tasks.example`, or "" for the page's own. */
  server: string;
  /** Whose account it is. Each has a database of its own on the device. */
  user: Id;
  /**
   * An access token. `renewed`: the last one was refused. Null if there is none: the client then keeps all that waits, and goes on
   * after `resume()`. An error it throws counts as being offline.
   */
  token: (renewed: boolean) => Promise<string | null>;
  /** The app's own words for the time zone that dates float in, until the preferences have one. */
  timezone?: string;
}

/** `loaded` of `total` while the account is read for the first time. */
export interface Status {
  state: "loading" | "offline" | "syncing" | "live" | "logged-out";
  loaded: number;
  total: number | null;
  /** How many operations no server has acknowledged yet. */
  waiting: number;
  /** Whether what is done outlives this page: false where the browser gives no storage, or no more of it. */
  stored: boolean;
  /** Whether this tab is the one that sends and listens. */
  leads: boolean;
}

export interface Changed {
  kind: Kind;
  id: Id;
}

/** Several operations that were one act of the person: they are undone together. */
export interface Act {
  key: string;
  operations: readonly Operation[];
}

/** Something that a person has to be told. It stays, over reloads too, until `settle`. */
export type Problem = { id: string; at: string; act: Act } & (
  | {
      /** Another device wrote the same fields. `mine` was sent; `theirs` is kept here. */
      problem: "conflict";
      kind: Kind;
      thing: Id;
      fields: readonly { field: string; mine: unknown; theirs: unknown }[];
    }
  /** What it was about is gone: another device deleted it. */
  | { problem: "gone"; kind: Kind; thing: Id }
  /** The server refused it, with this code and message of the API; it was taken back on the screen. */
  | { problem: "refused"; code: string; message: string }
  /** What was taken back is not as it was in these: they have been changed since, or are needed. */
  | { problem: "kept"; things: readonly Changed[] }
  /** The task was completed elsewhere, and recurs: the change can be made to its successor. */
  | { problem: "completed"; thing: Id; next: Id }
  /** It was found on the disk so that nobody can do it any more. This is all that was there. */
  | { problem: "unreadable"; content: string }
);

export interface Client {
  readonly user: Id;

  /** As it is on the screen: the server's, and what waits on top of it. */
  get<K extends Kind>(kind: K, id: Id): Things[K] | undefined;
  all<K extends Kind>(kind: K): ReadonlyMap<Id, Things[K]>;

  /** Does it at once in memory, so that `get` has it when this returns; stores it; sends it. */
  act(...operations: Operation[]): Act;
  /** Takes back an act, at once as well. False if it can no longer be. */
  undo(act: string): boolean;

  /** Told in the same call of `act` or `undo`, and once for each page of the feed. Returns how to stop it. */
  subscribe(listener: (changed: readonly Changed[]) => void): () => void;

  readonly status: Status;
  readonly problems: readonly Problem[];
  /** Called when `status` or `problems` has changed. */
  watch(listener: () => void): () => void;
  /** `theirs` (of a conflict): writes what the other device had. `next` (of completed): does it to the successor. */
  settle(problem: string, choice: "mine" | "theirs" | "next" | "dismiss"): void;

  /** After a log-in, or when the network is back: tries at once. */
  resume(): void;
  /** Ends it, when what was done is stored. With `forget`, the device's copy is deleted, and what waits with it. */
  close(options?: { forget?: boolean }): Promise<void>;
}
