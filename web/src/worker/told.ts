/** What a page tells the worker. */
export type Told = "update";
