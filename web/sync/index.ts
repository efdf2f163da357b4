export type * from "./client.ts";
export type * from "./things.ts";
export { newId } from "./ids.ts";
export { open } from "./open.ts";
