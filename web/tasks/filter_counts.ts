/** How many tasks each saved filter means, kept up by each change: of all tasks it is asked seldom, and not at each key press. */

import type { Changed } from "../sync/client.ts";
import type { Filter, Id } from "../sync/things.ts";
import { isOfCompleted, meant } from "./conditions.ts";
import { parseFilter } from "./filter.ts";
import { FilterInvalid } from "./filter_invalid.ts";
import type { Index } from "./index.ts";
import { matcher, type Matches } from "./matching.ts";
import type { Present } from "./moments.ts";
import { worldOf } from "./views.ts";

interface Counted {
  readonly query: string;
  readonly isMeant: Matches;
  readonly tasks: Set<Id>;
}

export class FilterCounts {
  readonly #index: Index;
  #present: Present;
  readonly #counted = new Map<Id, Counted>();

  constructor(index: Index, present: Present) {
    this.#index = index;
    this.#present = present;
  }

  /** How many open tasks a filter means; null if it speaks of completed ones, or cannot be read. */
  of(filter: Filter): number | null {
    let counted = this.#counted.get(filter.id);
    if (counted?.query !== filter.query) {
      const isMeant = this.#matcher(filter.query);
      if (!isMeant) return null;
      counted = { query: filter.query, isMeant, tasks: new Set() };
      for (const { task } of this.#index.everyOpen) if (isMeant(task)) counted.tasks.add(task.id);
      this.#counted.set(filter.id, counted);
    }
    return counted.tasks.size;
  }

  /** After the index has it. */
  apply(changed: readonly Changed[]): void {
    if (changed.some(({ kind }) => kind === "list" || kind === "section" || kind === "preferences")) {
      this.at(this.#present.now);
      return;
    }
    for (const { kind, id } of changed) if (kind === "task") this.#look(id);
  }

  /** As time goes by: what is overdue, and which day is today. */
  at(now: Temporal.Instant): void {
    this.#present = this.#index.present(now);
    this.#counted.clear();
  }

  #look(id: Id): void {
    const open = this.#index.open(id);
    for (const { isMeant, tasks } of this.#counted.values()) {
      if (open && isMeant(open.task)) tasks.add(id);
      else tasks.delete(id);
    }
  }

  #matcher(query: string): Matches | null {
    try {
      const condition = parseFilter(query);
      return isOfCompleted(condition) ? null : matcher(meant(condition), worldOf(this.#index, this.#present));
    } catch (error) {
      if (error instanceof FilterInvalid) return null;
      throw error;
    }
  }
}
