/**
 * The account in IndexedDB. Tasks are in 256 pages, by the first two hex digits of their ids, since one record a task is three times
 * slower to read; the other kinds are a page each. What waits is a record each, and is written before the pages, durably.
 */

import type { Copy } from "./copy.ts";
import type { Id, Kind, Things } from "./things.ts";

/** The stores of what is not a copy of the server's. */
export const TABLES = ["entries", "acts", "requests", "problems"] as const;
export type Table = (typeof TABLES)[number];
export type Record_ = { key: string };

/** Where the copy is. `reading`: it was being read from 0, so that there may be things in it that are gone. */
export interface Position {
  position: string;
  reading: boolean;
}

/** How many pages are written at a time, so that their texts are never in memory all at once. */
const TOGETHER = 16;

export class Storage {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** Null where the browser gives none, as some do in private windows. */
  static async open(name: string): Promise<Storage | null> {
    try {
      const request = indexedDB.open(name, 1);
      request.addEventListener("upgradeneeded", () => {
        for (const table of TABLES) request.result.createObjectStore(table, { keyPath: "key" });
        request.result.createObjectStore("pages");
        request.result.createObjectStore("meta");
      });
      const database = await asked(request);
      // Another tab deletes it: a connection that stays open would hold that up.
      database.addEventListener("versionchange", () => database.close());
      return new Storage(database);
    } catch {
      return null;
    }
  }

  static async forget(name: string): Promise<void> {
    await asked(indexedDB.deleteDatabase(name));
  }

  async readTable<T extends Record_>(table: Table): Promise<T[]> {
    return (await asked(this.#database.transaction(table).objectStore(table).getAll())) as T[];
  }

  async readPosition(): Promise<Position | undefined> {
    return (await asked(this.#database.transaction("meta").objectStore("meta").get("position"))) as Position | undefined;
  }

  /** Puts all that is stored into the copy, and answers where it is. */
  async readCopy(copy: Copy): Promise<Position | undefined> {
    const transaction = this.#database.transaction(["pages", "meta"]);
    const meta = transaction.objectStore("meta").get("position");
    const pages = transaction.objectStore("pages");
    const [position, keys, texts] = await Promise.all([asked(meta), asked(pages.getAllKeys()), asked(pages.getAll())]);
    texts.forEach((text, index) => {
      const kind = String(keys[index]).split(" ")[0] as Kind;
      for (const thing of JSON.parse(text as string) as Things[Kind][]) copy.receive(kind, idOf(thing), thing);
    });
    return position as Position | undefined;
  }

  /** Writes and deletes records, durably. */
  async writeRecords(changes: ReadonlyMap<Table, ReadonlyMap<string, Record_ | null>>): Promise<void> {
    const transaction = this.#database.transaction([...changes.keys()], "readwrite", { durability: "strict" });
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
    const texts = new Pages(copy, pages);
    for (let start = 0; start === 0 || start < pages.length; start += TOGETHER) {
      const transaction = this.#database.transaction(["pages", "meta"], "readwrite");
      for (const page of pages.slice(start, start + TOGETHER)) transaction.objectStore("pages").put(texts.of(page), page);
      if (start + TOGETHER >= pages.length) transaction.objectStore("meta").put(position, "position");
      await done(transaction);
    }
  }

  /** Takes the lease, or keeps it, unless another holder has one that is not over. For where there are no locks. */
  async lease(holder: string, now: number, until: number): Promise<boolean> {
    const transaction = this.#database.transaction("meta", "readwrite");
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

/** The page that a thing is on. */
export function pageOf(kind: Kind, id: Id): string {
  return kind === "task" ? `task ${id.slice(0, 2)}` : kind;
}

/** The texts of pages: which things are on them is found in one walk over the copy. With each change it walks over 100,000 tasks. */
class Pages {
  readonly #things = new Map<string, Things[Kind][]>();

  constructor(copy: Copy, pages: readonly string[]) {
    for (const page of pages) this.#things.set(page, []);
    for (const [page, things] of this.#things) {
      if (!page.startsWith("task ")) for (const thing of copy.serverAll(page as Kind)) things.push(thing);
    }
    const ofTasks = new Map(pages.filter((page) => page.startsWith("task ")).map((page) => [digitsOf(page, 5), this.#things.get(page)]));
    if (ofTasks.size === 0) return;
    for (const task of copy.serverAll("task")) ofTasks.get(digitsOf(task.id, 0))?.push(task);
  }

  of(page: string): string {
    return JSON.stringify(this.#things.get(page) ?? []);
  }
}

/** The two characters there as a number, which is found without making a text. */
function digitsOf(text: string, at: number): number {
  return text.charCodeAt(at) * 0x10000 + text.charCodeAt(at + 1);
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
