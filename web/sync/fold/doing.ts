import type { Copy } from "../copy.ts";
import type { Id, Preferences, Task } from "../things.ts";

/** What an operation is done with: to whom, when, and behind which revision it stands where it comes last. */
export interface Doing {
  copy: Copy;
  /** The instant at which the person did it. */
  at: string;
  revision: number;
}

/** The preferences of who never set any. */
function defaults({ user, timezone }: Copy): Preferences {
  return {
    user_id: user,
    updated_at: null,
    revision: 0,
    timezone,
    week_starts_on: "monday",
    day_reminder_at: "09:00:00",
    quiet: null,
    reminder_channels: ["push"],
    language: "en",
    theme: "system",
    default_list_id: null,
    start_page: "today",
    digest_at: null,
  };
}

export function preferences(copy: Copy): Preferences {
  return copy.get("preferences", copy.user) ?? defaults(copy);
}

/** Writes some members of a task. */
export function change(doing: Doing, task: Task, members: Partial<Task>): void {
  doing.copy.put("task", task.id, { ...task, ...members, updated_at: doing.at });
}

/** All that is below a task, what is nearer first. */
export function descendants(copy: Copy, id: Id): Task[] {
  const found: Task[] = [];
  const seen = new Set([id]);
  for (let level: Id[] = [id]; level.length > 0; ) {
    const next: Id[] = [];
    for (const each of level) {
      for (const child of copy.below(each)) {
        const task = copy.get("task", child);
        if (task === undefined || seen.has(child)) continue;
        seen.add(child);
        found.push(task);
        next.push(child);
      }
    }
    level = next;
  }
  return found;
}
