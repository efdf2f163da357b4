/** Writes what has changed, in the background. What cannot be written stays in memory, and is tried again. */

import type { Copy } from "./copy.ts";
import type { RecordChanges, Records } from "./records.ts";
import { pageOf, type Position, type Storage } from "./storage.ts";

const AGAIN_MS = 5000;

export interface KeeperTarget {
  /** Where the copy is, if it may be written now. */
  position(): Position | null;
  /** Records have been written, or could not be: other tabs are to know. */
  tell(changes: RecordChanges): void;
  stored(stored: boolean): void;
}

export class Keeper {
  readonly #storage: Storage | null;
  readonly #copy: Copy;
  readonly #records: Records;
  readonly #target: KeeperTarget;
  readonly #pages = new Set<string>();
  #under: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(storage: Storage | null, copy: Copy, records: Records, target: KeeperTarget) {
    this.#storage = storage;
    this.#copy = copy;
    this.#records = records;
    this.#target = target;
    records.onDirty = () => void this.keep();
  }

  /** From now on what the copy receives is not what was read from the disk. */
  begin(): void {
    this.#copy.onReceived = (kind, id) => this.#pages.add(pageOf(kind, id));
  }

  /** Resolves when all that has changed by now has been written, or could not be. */
  async keep(): Promise<void> {
    if (this.#closed) return;
    this.#again = true;
    this.#under ??= this.#keepAll();
    await this.#under;
  }

  /** Writes the last of it, and nothing after that. */
  async close(): Promise<void> {
    await this.keep();
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #keepAll(): Promise<void> {
    await Promise.resolve(); // what is done in the same call goes together
    let stored = this.#storage !== null;
    while (this.#again) {
      this.#again = false;
      const records = await this.#keepRecords();
      stored = records && (await this.#keepPages());
    }
    this.#under = null;
    this.#target.stored(stored);
    clearTimeout(this.#timer);
    if (!stored && this.#storage) this.#timer = setTimeout(() => void this.keep(), AGAIN_MS);
  }

  async #keepRecords(): Promise<boolean> {
    const changes = this.#records.takeDirty();
    if (changes.size === 0) return this.#storage !== null;
    try {
      await this.#storage?.writeRecords(changes);
      this.#records.left(true);
      return this.#storage !== null;
    } catch {
      this.#records.left(false);
      return false;
    } finally {
      this.#target.tell(changes);
    }
  }

  async #keepPages(): Promise<boolean> {
    const position = this.#target.position();
    if (position === null || this.#storage === null || this.#pages.size === 0) return this.#storage !== null;
    const pages = [...this.#pages];
    this.#pages.clear();
    try {
      await this.#storage.writePages(this.#copy, pages, position);
      return true;
    } catch {
      for (const page of pages) this.#pages.add(page);
      return false;
    }
  }
}
