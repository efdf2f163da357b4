/** Writes what has changed, in the background. What cannot be written stays in memory, and is tried again. */

import { type Copy, KINDS } from "./copy.ts";
import type { RecordChanges, Records } from "./records.ts";
import { idOf, pageOf, type Position, type Storage } from "./storage.ts";

const AGAIN_MS = 5000;

interface KeeperTarget {
  /** Where the copy is, if it may be written now. */
  position(): Position | null;
  /** Records have been written, or could not be: other tabs are to know. */
  tell(changes: RecordChanges): void;
  stored(stored: boolean): void;
}

/** Does one thing at a time; what is asked for meanwhile is done once more after that. */
class Turns {
  readonly #work: () => Promise<void>;
  #under: Promise<void> | null = null;
  #again = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when all that was asked for by now is done. */
  async take(): Promise<void> {
    this.#again = true;
    this.#under ??= this.#takeAll();
    await this.#under;
  }

  async #takeAll(): Promise<void> {
    await Promise.resolve(); // what is done in the same call goes together
    while (this.#again) {
      this.#again = false;
      await this.#work();
    }
    this.#under = null;
  }
}

export class Keeper {
  readonly #storage: Storage | null;
  readonly #copy: Copy;
  readonly #records: Records;
  readonly #target: KeeperTarget;
  readonly #pages = new Set<string>();
  /** What a person did does not wait until many pages of the copy are written. */
  readonly #turns = { records: new Turns(() => this.#keepRecords()), pages: new Turns(() => this.#keepPages()) };
  readonly #stored = { records: true, pages: true };
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(storage: Storage | null, copy: Copy, records: Records, target: KeeperTarget) {
    this.#storage = storage;
    this.#copy = copy;
    this.#records = records;
    this.#target = target;
    records.onDirty = () => void this.written();
    if (storage) storage.onLost = () => this.#keepEverything();
  }

  /** From now on what the copy receives is not what was read from the disk. */
  begin(): void {
    this.#copy.onReceived = (kind, id) => this.#pages.add(pageOf(kind, id));
  }

  /** Resolves when all that has changed by now has been written, or could not be. */
  async keep(): Promise<void> {
    if (!this.#closed) await Promise.all([this.#turns.records.take(), this.#turns.pages.take()]);
  }

  /** The same, of what is kept beside the copy. */
  async written(): Promise<void> {
    if (!this.#closed) await this.#turns.records.take();
  }

  /** Writes the last of it, and nothing after that. */
  async close(): Promise<void> {
    await this.keep();
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Into a database that is new: what is in memory is all that there is. */
  #keepEverything(): void {
    this.#records.forgetWritten();
    for (const kind of KINDS) for (const thing of this.#copy.serverAll(kind)) this.#pages.add(pageOf(kind, idOf(thing)));
    void this.keep();
  }

  #is(stored: { records?: boolean; pages?: boolean }): void {
    Object.assign(this.#stored, stored);
    const all = this.#storage !== null && this.#stored.records && this.#stored.pages;
    this.#target.stored(all);
    clearTimeout(this.#timer);
    if (!all && this.#storage) this.#timer = setTimeout(() => void this.keep(), AGAIN_MS);
  }

  async #keepRecords(): Promise<void> {
    const changes = this.#records.takeDirty();
    if (changes.size === 0) return;
    let isWritten = false;
    try {
      await this.#storage?.writeRecords(changes);
      isWritten = true;
    } catch {
      // It is dirty again.
    }
    this.#records.left(isWritten);
    this.#target.tell(changes);
    this.#is({ records: isWritten });
  }

  async #keepPages(): Promise<void> {
    const position = this.#target.position();
    if (position === null || this.#storage === null || this.#pages.size === 0) return;
    const pages = [...this.#pages];
    this.#pages.clear();
    try {
      await this.#storage.writePages(this.#copy, pages, position);
      this.#is({ pages: true });
    } catch {
      for (const page of pages) this.#pages.add(page);
      this.#is({ pages: false });
    }
  }
}
