/**
 * The account in IndexedDB. Tasks are in 256 pages, by the last two hex digits of their ids (the first ones of a server's tell the
 * time), since one record a task is three times slower to read; the other kinds are a page each. What waits is a record each, and is
 * written before the pages, durably.
 */

import type { Copy } from "./copy.ts";
import { isThing } from "./readable.ts";
import type { Id, Kind, Things } from "./things.ts";

/** The stores of what is not a copy of the server's. */
export const TABLES = ["entries", "acts", "requests", "problems"] as const;
export type Table = (typeof TABLES)[number];
/** The copy, and where it is. */
const OTHERS = ["pages", "meta"] as const;
export type Record_ = { key: string };

/** Where the copy is. `reading`: it was being read from 0, so that there may be things in it that are gone. */
export interface Position {
  position: string;
  reading: boolean;
}

/** How many pages are written at a time, so that their texts are never in memory all at once. */
const TOGETHER = 16;

export class Storage {
  #database: IDBDatabase;
  /** The connection was ended, and not by this page. */
  #isLost = false;
  #again: Promise<void> | null = null;
  /** The browser has ended it, and what was stored is gone perhaps: the person clears what sites keep, or the disk fails. */
  onLost: () => void = () => undefined;

  private constructor(database: IDBDatabase) {
    this.#database = this.#use(database);
  }

  /** Null where the browser gives none, as some do in private windows. */
  static async open(name: string): Promise<Storage | null> {
    try {
      return new Storage(await connected(name));
    } catch {
      return null;
    }
  }

  static async forget(name: string): Promise<void> {
    await asked(indexedDB.deleteDatabase(name));
  }

  /** Each record by its key; undefined where the browser itself cannot read it any more. */
  async readTable(table: Table): Promise<[key: string, record: unknown][]> {
    return (await this.#all(table)) as [string, unknown][];
  }

  /** Puts what is stored into the copy, and answers where it is; undefined if it has to be read anew. */
  async readCopy(copy: Copy): Promise<Position | undefined> {
    const meta = this.#database.transaction("meta").objectStore("meta").get("position");
    const [position, pages] = await Promise.all([asked(meta), this.#all("pages")]);
    const broken: IDBValidKey[] = [];
    for (const [key, page] of pages) if (!receivePage(copy, key, page)) broken.push(key);
    if (broken.length > 0) await this.#dropPages(broken);
    return broken.length === 0 && isPosition(position) ? position : undefined;
  }

  async #all(store: string): Promise<[IDBValidKey, unknown][]> {
    const found = this.#database.transaction(store).objectStore(store);
    const whole = asked(found.getAll()).catch(() => null);
    const [keys, values] = await Promise.all([asked(found.getAllKeys()), whole]);
    if (values) return keys.map((key, index) => [key, values[index]]);
    // One that cannot be read makes all of them fail.
    const one = (key: IDBValidKey) => asked(this.#database.transaction(store).objectStore(store).get(key)).catch(() => undefined);
    return Promise.all(keys.map(async (key) => [key, await one(key)] as [IDBValidKey, unknown]));
  }

  async #dropPages(keys: readonly IDBValidKey[]): Promise<void> {
    const transaction = this.#database.transaction(["pages", "meta"], "readwrite");
    for (const key of keys) transaction.objectStore("pages").delete(key);
    transaction.objectStore("meta").put({ position: "0", reading: true } satisfies Position, "position");
    await done(transaction);
  }

  #use(database: IDBDatabase): IDBDatabase {
    // Another tab deletes it, or makes more room in it: a connection that stays open would hold that up.
    database.addEventListener("versionchange", ({ newVersion }) => {
      database.close();
      this.#isLost = newVersion !== null;
    });
    database.addEventListener("close", () => {
      this.#isLost = true;
      this.onLost();
    });
    return database;
  }

  async #connection(): Promise<IDBDatabase> {
    if (this.#isLost) {
      this.#again ??= this.#connect().finally(() => (this.#again = null));
      await this.#again;
    }
    return this.#database;
  }

  async #connect(): Promise<void> {
    this.#database = this.#use(await connected(this.name));
    this.#isLost = false;
  }

  /** Writes and deletes records, durably. */
  async writeRecords(changes: ReadonlyMap<Table, ReadonlyMap<string, Record_ | null>>): Promise<void> {
    const database = await this.#connection();
    const transaction = database.transaction([...changes.keys()], "readwrite", { durability: "strict" });
    for (const [table, records] of changes) {
      const store = transaction.objectStore(table);
      for (const [key, record] of records) if (record === null) store.delete(key);
      else store.put(record);
    }
    // Not when the last of them is answered: the page may be gone by then.
    transaction.commit();
    await done(transaction);
  }

  /** Writes these pages of the copy, and then where it is: with the last of them. */
  async writePages(copy: Copy, pages: readonly string[], position: Position): Promise<void> {
    const database = await this.#connection();
    for (let start = 0; start === 0 || start < pages.length; start += TOGETHER) {
      const transaction = database.transaction(["pages", "meta"], "readwrite");
      for (const page of pages.slice(start, start + TOGETHER)) transaction.objectStore("pages").put(textOf(copy, page), page);
      if (start + TOGETHER >= pages.length) transaction.objectStore("meta").put(position, "position");
      await done(transaction);
    }
  }

  /** Takes the lease, or keeps it, unless another holder has one that is not over. For where there are no locks. */
  async lease(holder: string, now: number, until: number): Promise<boolean> {
    const transaction = (await this.#connection()).transaction("meta", "readwrite");
    const meta = transaction.objectStore("meta");
    const found = (await asked(meta.get("lease"))) as { holder: string; until: number } | undefined;
    const free = found === undefined || found.holder === holder || found.until < now;
    if (free) meta.put({ holder, until }, "lease");
    await done(transaction);
    return free;
  }

  get name(): string {
    return this.#database.name;
  }

  close(): void {
    this.#database.close();
  }
}

/** Whichever version it is of, if what this one needs is in it: a newer one may have been here. */
async function connected(name: string): Promise<IDBDatabase> {
  const database = await connection(name);
  if ([...TABLES, ...OTHERS].every((store) => database.objectStoreNames.contains(store))) return database;
  const { version } = database;
  database.close();
  return connection(name, version + 1);
}

function connection(name: string, version?: number): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version);
  request.addEventListener("upgradeneeded", () => {
    const database = request.result;
    const has = database.objectStoreNames;
    for (const table of TABLES) if (!has.contains(table)) database.createObjectStore(table, { keyPath: "key" });
    for (const store of OTHERS) if (!has.contains(store)) database.createObjectStore(store);
  });
  return new Promise((resolve, reject) => {
    // Somebody does not let go of it. If they do so later, nobody waits for it any more.
    request.addEventListener("blocked", () => {
      reject(new Error("IndexedDB"));
      request.addEventListener("success", () => request.result.close());
    });
    asked(request).then(resolve, reject);
  });
}

function isPosition(value: unknown): value is Position {
  const { position, reading } = (value ?? {}) as Partial<Record<keyof Position, unknown>>;
  return typeof position === "string" && /^\d+(-\d+)?$/.test(position) && typeof reading === "boolean";
}

/** Puts what is on it into the copy. Answers whether that was all that it should be, and what belongs there. */
function receivePage(copy: Copy, key: IDBValidKey, page: unknown): boolean {
  const kind = String(key).split(" ")[0] as Kind;
  let things: unknown;
  try {
    things = JSON.parse(String(page));
  } catch {
    return false;
  }
  if (!Array.isArray(things)) return false;
  let isWhole = true;
  for (const thing of things as Things[Kind][]) {
    if (!isThing(kind, thing)) {
      isWhole = false;
      continue;
    }
    copy.receive(kind, idOf(thing), thing);
    isWhole &&= pageOf(kind, idOf(thing)) === key; // an earlier version had other pages
  }
  return isWhole;
}

/** The page that a thing is on. */
export function pageOf(kind: Kind, id: Id): string {
  return kind === "task" ? `task ${id.slice(-2)}` : kind;
}

/** What is on a page, as text. */
function textOf(copy: Copy, page: string): string {
  const [kind, end] = page.split(" ") as [Kind, string?];
  return JSON.stringify(end === undefined ? [...copy.serverAll(kind)] : copy.serverTasks(end));
}

/** Of what a person has one of, the id is the person's. */
export function idOf(thing: Things[Kind]): Id {
  return "id" in thing ? thing.id : thing.user_id;
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB")));
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("IndexedDB")));
  });
}
