/**
 * Who is logged in. The access token is in memory alone; the refresh token is in a cookie that no script sees, and only
 * `/account/session` is sent it.
 */

import { signal } from "@preact/signals";
import type { Id } from "../../sync/things.ts";
import { sessionLock } from "../worker/told.ts";
import { forget, keep, kept, keyHere } from "./kept.ts";
import { ask, BASE, Refused } from "./server.ts";

export interface Person {
  id: Id;
  email: string | null;
  name: string;
}

interface LoggedIn {
  access_token: string;
  expires_in: number;
  user: Person;
}

const PERSON = "doable.person";
/** It is renewed a little before it ends: a clock may be slow, and a request takes a while. */
const EARLY_SECONDS = 60;

/** Whose account is open, also when no log-in holds at present. Null: nobody's. It is kept, so that it opens offline. */
export const person = signal<Person | null>(remembered());

let access: { token: string; until: number } | null = null;

export async function logIn(email: string, password: string): Promise<Person> {
  return opened(await ask<LoggedIn>("POST", "/account/session/login", { body: { email, password } }));
}

/** Null where the address has to be verified before one may log in. */
export async function signUp(email: string, password: string, name: string): Promise<Person | null> {
  const body = { email, password, ...(name ? { name } : {}) };
  const answer = await ask<LoggedIn | { user: Person }>("POST", "/account/session/signup", { body });
  return "access_token" in answer ? opened(answer) : null;
}

/** Ends the session here; raises if the server cannot be told, since the cookie would go on. `remember(null)` is the next step. */
export async function endSession(): Promise<void> {
  await ask("DELETE", "/account/session").catch((error: unknown) => {
    if (!(error instanceof Refused && error.status < 500)) throw error;
  });
  access = null;
}

/** An access token: the present one, or the next. Null: one has to log in again. Raises where there is no network. */
export async function token(renewed = false): Promise<string | null> {
  if (!renewed && access && performance.now() < access.until) return access.token;
  const refused = renewed ? access?.token : undefined;
  return alone(async () => {
    // Another request of this tab may have renewed it while this one waited for its turn.
    if (access && access.token !== refused && performance.now() < access.until) return access.token;
    try {
      return hold(await ask<Omit<LoggedIn, "user">>("POST", "/account/session/refresh"));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 401 && error.status !== 403) throw error;
      access = null;
      return null;
    }
  });
}

/** A request with a log-in. */
export async function asPerson<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const ours = await token();
  try {
    return await ask(method, path, { body, token: ours ?? "" });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    return ask(method, path, { body, token: (await token(true)) ?? "" });
  }
}

export function remember(who: Person | null): void {
  person.value = who;
  if (who) keep(PERSON, who);
  else forget(PERSON);
}

function opened(answer: LoggedIn): Person {
  hold(answer);
  remember(answer.user);
  return answer.user;
}

function hold({ access_token, expires_in }: Omit<LoggedIn, "user">): string {
  access = { token: access_token, until: performance.now() + 1000 * Math.max(expires_in - EARLY_SECONDS, 5) };
  return access_token;
}

/** One tab, or the worker, after the other: a refresh token may be used once. On plain http there are no locks; the server then bears two at once for 10 s. */
function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  return navigator.locks ? navigator.locks.request(sessionLock(BASE), work) : work();
}

function remembered(): Person | null {
  const found = kept(PERSON) as Partial<Person> | null;
  return typeof found?.id === "string" && typeof found.name === "string" ? (found as Person) : null;
}

// Another tab logged in or out.
addEventListener("storage", ({ key }) => {
  if (key === keyHere(PERSON)) {
    access = null;
    person.value = remembered();
  }
});
