/**
 * What is done while the page goes away, as what is being written then: the copy on the disk is written in moments, and there
 * are none left. So it is put where it is at once, and done when the account is opened the next time.
 */

import type { Client } from "../../sync/client.ts";
import { newId } from "../../sync/ids.ts";
import { isOperation } from "../../sync/readable.ts";
import type { Id, Operation } from "../../sync/things.ts";
import { forget, keep, kept, keysFrom } from "./kept.ts";

const KEY = "doable.last-acts";
/** Each page has its own, since one that goes on forgets them. */
const OWN = `${KEY}.${newId()}`;

interface Last {
  user: Id;
  operation: Operation;
  /** Of an update, what was there. */
  before?: Record<string, unknown>;
}

/** So long after it was hidden, a page that still runs has written everything. */
const MOMENT_MS = 2000;

let isLeaving = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const forgetOwn = () => forget(OWN);

function look(hidden: boolean): void {
  clearTimeout(timer);
  // It was only put aside, and has gone on.
  if (isLeaving && !hidden) forgetOwn();
  if (hidden) timer = setTimeout(forgetOwn, MOMENT_MS);
  isLeaving = hidden;
}

// Which of these comes first is different in each browser.
document.addEventListener("visibilitychange", () => look(document.hidden));
addEventListener("pagehide", () => look(true));
addEventListener("pageshow", () => look(document.hidden));

/** Before it is done. */
export function noteLast(client: Client, operations: readonly Operation[]): void {
  if (!isLeaving) return;
  const noted = operations.map((operation): Last => {
    const changes = changesOf(operation);
    if (!changes || operation.op !== "update") return { user: client.user, operation };
    const thing: Record<string, unknown> = { ...client.get(operation.kind, operation.id) };
    return { user: client.user, operation, before: Object.fromEntries(Object.keys(changes).map((field) => [field, thing[field]])) };
  });
  keep(OWN, [...read(OWN), ...noted]);
}

/** What of it has to be done yet; `replaces`: another device has written there since. Answers it once. */
export function takeLast(client: Client): { operations: Operation[]; replaces: boolean } {
  const ours = keysFrom(KEY).flatMap((key) => takeOf(client.user, key));
  const made = new Set<Id>();
  let replaces = false;
  const operations = ours.flatMap(({ operation, before }): Operation[] => {
    if (!("id" in operation)) return [];
    const thing = client.get(operation.kind, operation.id) as Record<string, unknown> | undefined;
    if (operation.op === "create") {
      if (thing) return [];
      made.add(operation.id);
      return [operation];
    }
    if (made.has(operation.id)) return [operation];
    const changes = changesOf(operation);
    if (!changes || !before || (thing && isSame(changes, thing))) return [];
    // Of what is gone the server says so, and then it is shown.
    replaces ||= thing !== undefined && !isSame(before, thing);
    return [operation];
  });
  return { operations, replaces };
}

function changesOf(operation: Operation): Record<string, unknown> | undefined {
  return operation.op === "update" ? (operation as unknown as Record<string, Record<string, unknown>>)[operation.kind] : undefined;
}

function isSame(fields: Record<string, unknown>, thing: Record<string, unknown>): boolean {
  return Object.entries(fields).every(([name, value]) => JSON.stringify(value) === JSON.stringify(thing[name]));
}

/** What somebody else left is theirs, for when they log in again. */
function takeOf(user: Id, key: string): Last[] {
  const all = read(key);
  const others = all.filter((each) => each.user !== user);
  if (others.length > 0) keep(key, others);
  else forget(key);
  return all.filter((each) => each.user === user);
}

function read(key: string): Last[] {
  const found = kept(key);
  return Array.isArray(found) ? found.filter((each) => isOperation(each?.operation)) : [];
}
