/** A new version waits until the person wants it: a page that is open goes on with the one it began with. */

import type { Told } from "./told.ts";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("message", (event) => {
  if ((event.data as Told) === "update") void self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});
