import type { Preferences } from "../../sync/things.ts";
import { act } from "../app/acting.ts";
import { preferences } from "../app/store.ts";

/** Changes preferences as anything else is changed: at once, without a network too. */
export function prefer(changes: Partial<Omit<Preferences, "user_id" | "updated_at" | "revision">>): void {
  act({ op: "update", kind: "preferences", id: preferences.peek().user_id, preferences: changes });
}
