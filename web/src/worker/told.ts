/** What a page tells the worker. */
export type Told = "update";

/** What the page leaves for the worker, which has no dictionary: the words of the person's language. */
export interface PushWords {
  complete: string;
  snooze: string;
  failed: string;
}
