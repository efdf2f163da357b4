/** Things in an order, which changes one by one and is looked at seldom. */

/** Below 0 if the first one comes first. Of two different things it is never 0. */
export type Compare<T> = (a: T, b: T) => number;

/** So many are put in by moving what is behind them; more are sorted with all the rest. */
const FEW = 40;

export class Sorted<T> {
  readonly #compare: Compare<T>;
  #items: T[] = [];
  readonly #added = new Set<T>();
  readonly #deleted = new Set<T>();

  constructor(compare: Compare<T>, items: Iterable<T> = []) {
    this.#compare = compare;
    for (const item of items) this.#added.add(item);
  }

  get size(): number {
    return this.#items.length + this.#added.size - this.#deleted.size;
  }

  /** It may be one that was deleted before. */
  add(item: T): void {
    this.#added.add(item);
  }

  /** Of one that is in it. */
  delete(item: T): void {
    if (!this.#added.delete(item)) this.#deleted.add(item);
  }

  /** All of them, in their order. The array is the next one's as well once something has changed. */
  get items(): readonly T[] {
    // Thousands are asked in a row of which none has changed.
    if (this.#added.size + this.#deleted.size === 0) return this.#items;
    if (this.#added.size + this.#deleted.size > FEW) {
      const left = this.#deleted.size > 0 ? this.#items.filter((item) => !this.#deleted.has(item)) : this.#items;
      this.#items = [...left, ...this.#added].toSorted(this.#compare);
    } else {
      for (const item of this.#deleted) this.#items.splice(this.#find(item), 1);
      for (const item of this.#added) this.#items.splice(this.#find(item), 0, item);
    }
    this.#added.clear();
    this.#deleted.clear();
    return this.#items;
  }

  /** How many come before the first one that this is true of, as it then is of all behind it. */
  before(isThere: (item: T) => boolean): number {
    const { items } = this;
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = items[middle];
      if (item !== undefined && isThere(item)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #find(item: T): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#items[middle];
      if (other !== undefined && this.#compare(other, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
