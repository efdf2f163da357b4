/** The address is the place: it can be bookmarked, shared between one's devices, and gone back from. */

import { computed, signal } from "@preact/signals";
import type { Id } from "../../sync/things.ts";
import { BASE } from "./server.ts";

/** What of the account is shown in the middle. */
export type View =
  | { view: "inbox" | "today" | "upcoming" | "completed" | "archived" | "deleted" | "notifications" | "search" | "problems" }
  | { view: "list" | "tag" | "filter"; id: Id };

export type Place =
  | (View & { area: "tasks"; task: Id | null; q: string })
  /** A task by its own address, as mails have it: the view is the one that it is in. */
  | { area: "task"; task: Id }
  /** "" is all pages: on a phone they are a list, and the first of them elsewhere. */
  | { area: "settings"; page: string }
  | { area: "account"; page: "login" | "signup" | "reset-password" | "verify-email" }
  | { area: "start" }
  | { area: "unknown" };

const SIMPLE = ["inbox", "today", "upcoming", "completed", "archived", "deleted", "notifications", "search", "problems"] as const;
const THINGS = { lists: "list", tags: "tag", filters: "filter" } as const;

const address = signal(location.pathname + location.search);
export const place = computed<Place>(() => read(address.value));

export function read(of: string): Place {
  // Not as an address below this one: to that, what begins with two slashes is another host.
  const { pathname, searchParams } = new URL(location.origin + of);
  const [first = "", second = "", ...more] = pathname.slice(BASE.length).split("/").slice(1);
  const beside = { area: "tasks", task: searchParams.get("task"), q: searchParams.get("q") ?? "" } as const;
  if (more.length > 0) return { area: "unknown" };
  const simple = SIMPLE.find((name) => name === first);
  if (simple && !second) return { view: simple, ...beside };
  if (Object.hasOwn(THINGS, first) && second) return { view: THINGS[first as keyof typeof THINGS], id: second, ...beside };
  if (first === "tasks" && second) return { area: "task", task: second };
  if (first === "settings") return { area: "settings", page: second };
  if ((first === "login" || first === "signup") && !second) return { area: "account", page: first };
  if (first === "account" && (second === "reset-password" || second === "verify-email")) {
    return { area: "account", page: second };
  }
  return first ? { area: "unknown" } : { area: "start" };
}

/** The address of a view, with the task that is open beside it. */
export function to(view: View, { task = null, q = "" }: { task?: Id | null; q?: string } = {}): string {
  const path = "id" in view ? `/${view.view}s/${view.id}` : `/${view.view}`;
  const query = new URLSearchParams({ ...(q ? { q } : {}), ...(task ? { task } : {}) }).toString();
  return BASE + path + (query ? `?${query}` : "");
}

/** `replace`: the way back does not lead through where one is. */
export function go(where: string, { replace = false } = {}): void {
  if (where === address.value) return;
  if (replace) history.replaceState(null, "", where);
  else history.pushState(null, "", where);
  address.value = where;
}

/** Opens a task beside what is shown, or closes the one that is open. */
export function openTask(task: Id | null): void {
  const now = place.value;
  if (now.area === "tasks") go(to(now, { task, q: now.q }), { replace: now.task !== null && task !== null });
  else if (task) go(`${BASE}/tasks/${task}`);
}

/** Links of ours change the place without loading the page anew. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest?.("a");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  const where = link.pathname + link.search;
  if (read(where).area === "unknown") return;
  event.preventDefault();
  go(where);
}

addEventListener("popstate", () => {
  address.value = location.pathname + location.search;
});
