/** What a page tells the worker. */
export type Told = "update";

/** Who renews the session holds this: a refresh token may be used once. It is of the place, without a slash at the end. */
export const sessionLock = (base: string): string => `doable-session${base}`;

/** What the page leaves for the worker, which has no dictionary: the words of the person's language. */
export interface PushWords {
  complete: string;
  snooze: string;
  failed: string;
}
