/**
 * What is kept on this device, beside the account. A browser may refuse it, or have no room for it; and anything may be there.
 * Nothing that a person does may fail by that.
 */

import { BASE } from "./server.ts";

type Where = () => Storage;

/** For this device, and for this tab alone. Asking for one may fail as well. */
export const device: Where = () => localStorage;
export const tab: Where = () => sessionStorage;

/** Several servers may be below paths of one host, and what one keeps is nothing to the others. */
export const keyHere = (key: string): string => (BASE ? `${BASE} ${key}` : key);

export function kept(key: string, where = device): unknown {
  try {
    return JSON.parse(where().getItem(keyHere(key)) ?? "null");
  } catch {
    return null;
  }
}

export function keptTexts(key: string): string[] {
  const found = kept(key);
  return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
}

export function keep(key: string, value: unknown, where = device): void {
  try {
    where().setItem(keyHere(key), JSON.stringify(value));
  } catch {
    // Then it is for as long as the page is there.
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(keyHere(key));
  } catch {
    // Nothing can be there.
  }
}

export function keysFrom(start: string): string[] {
  try {
    const all = Object.keys(localStorage).filter((key) => key.startsWith(keyHere(start)));
    return all.map((key) => key.slice(keyHere("").length));
  } catch {
    return [];
  }
}
