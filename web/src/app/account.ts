/** What an open account needs, and a log-in does not: the engine, and all that is drawn of it. It is one chunk (vite.config.ts). */

export { open } from "../../sync/open.ts";
export { Index } from "../../tasks/index.ts";
export { Shell } from "./shell.tsx";
