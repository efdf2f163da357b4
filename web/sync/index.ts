export type * from "./client.ts";
export type * from "./things.ts";
