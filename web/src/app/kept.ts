/**
 * What is kept on this device, beside the account. A browser may refuse it, or have no room for it; and anything may be there.
 * Nothing that a person does may fail by that.
 */

type Where = () => Storage;

/** For this device, and for this tab alone. Asking for one may fail as well. */
export const device: Where = () => localStorage;
export const tab: Where = () => sessionStorage;

export function kept(key: string, where = device): unknown {
  try {
    return JSON.parse(where().getItem(key) ?? "null");
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
    where().setItem(key, JSON.stringify(value));
  } catch {
    // Then it is for as long as the page is there.
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing can be there.
  }
}

export function keysFrom(start: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(start));
  } catch {
    return [];
  }
}
