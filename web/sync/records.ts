/**
 * What is kept beside the copy: entries of the outbox, acts, requests under way, problems. Each table is in memory, on the disk
 * and in the other tabs; what changes is dirty until it has been written.
 */

import type { Problem } from "./client.ts";
import { instantToText } from "./dates.ts";
import type { ActRecord, Entry, SentRequest } from "./outbox.ts";
import { contentOf, isRecord } from "./readable.ts";
import { type Record_, type Storage, TABLES, type Table } from "./storage.ts";

type ProblemRecord = Problem & Record_;
interface Tables {
  entries: Entry;
  acts: ActRecord;
  requests: SentRequest;
  problems: ProblemRecord;
}
export type RecordChanges = Map<Table, Map<string, Record_ | null>>;

export class Records {
  readonly #tables: { readonly [T in Table]: Map<string, Tables[T]> } = {
    entries: new Map(),
    acts: new Map(),
    requests: new Map(),
    problems: new Map(),
  };
  #dirty: RecordChanges = new Map();
  /** Those that are being written. */
  #leaving: RecordChanges = new Map();
  /** Called when something has become dirty: it is to be written, and told to the other tabs. */
  onDirty: () => void = () => undefined;

  all<T extends Table>(table: T): ReadonlyMap<string, Tables[T]> {
    return this.#tables[table];
  }

  get<T extends Table>(table: T, key: string): Tables[T] | undefined {
    return this.#tables[table].get(key);
  }

  put<T extends Table>(table: T, record: Tables[T]): void {
    this.#tables[table].set(record.key, record as never);
    this.#mark(table, record.key, record);
  }

  remove(table: Table, key: string): void {
    if (this.#tables[table].delete(key)) this.#mark(table, key, null);
  }

  /** Another tab has done this, and written it. */
  accept(changes: RecordChanges): void {
    for (const [table, records] of changes) {
      for (const [key, record] of records) {
        if (record === null) this.#tables[table].delete(key);
        // A tab of another version may write what this one does not know: it stays on the disk for one that does.
        else if (isRecord(table, record)) this.#tables[table].set(key, record as never);
      }
    }
  }

  /** Reads them again, as who leads from now on does; what is not written yet stays. */
  async read(storage: Storage): Promise<void> {
    for (const table of TABLES) {
      const found = await storage.readTable(table);
      this.#tables[table].clear();
      for (const [key, record] of found) {
        if (isRecord(table, record)) this.#tables[table].set(key, record as never);
        else this.#setAside(table, key, record);
      }
      for (const unwritten of [this.#leaving, this.#dirty]) this.accept(new Map([[table, unwritten.get(table) ?? new Map()]]));
    }
  }

  /**
   * What waited, or was to be told, and cannot be read any more, is told in its place. An act without its record only cannot be taken
   * back; what a request has in it is in the entries as well, which are then sent in another.
   */
  #setAside(table: Table, key: string, record: unknown): void {
    this.#mark(table, key, null);
    if (table !== "entries" && table !== "problems") return;
    const id = `unreadable ${String(key)}`;
    const act = { key: id, operations: [] };
    this.put("problems", { id, key: id, at: instantToText(Temporal.Now.instant()), act, problem: "unreadable", content: contentOf(record) });
  }

  /** Nothing of it is on the disk any more. */
  forgetWritten(): void {
    for (const table of TABLES) for (const [key, record] of this.#tables[table]) this.#mark(table, key, record);
  }

  /** What is to be written now. */
  takeDirty(): RecordChanges {
    this.#leaving = this.#dirty;
    this.#dirty = new Map();
    return this.#leaving;
  }

  /** That was written, or could not be: then it is dirty again, but for what has changed since. */
  left(written: boolean): void {
    for (const [table, records] of written ? [] : this.#leaving) {
      const newer = this.#dirty.get(table) ?? new Map<string, Record_ | null>();
      this.#dirty.set(table, new Map([...records, ...newer]));
    }
    this.#leaving = new Map();
  }

  #mark(table: Table, key: string, record: Record_ | null): void {
    const records = this.#dirty.get(table);
    if (records) records.set(key, record);
    else this.#dirty.set(table, new Map([[key, record]]));
    this.onDirty();
  }
}
