import "./push.ts";
import type { Told } from "./told.ts";

/**
 * Opens the client without a network: keeps the files of one build, and answers with them.
 * A new build is a new worker, with a list and a cache of its own.
 */
interface Build {
  /** Another word wherever anything else is different. */
  readonly version: string;
  /** What it consists of, beside the page. */
  readonly files: readonly string[];
}

declare const self: ServiceWorkerGlobalScope;
/** The build writes it here. */
declare const BUILD: Build;

const { version, files } = BUILD;
/** Two servers below two paths of one host share what is kept. */
const KEPT = `doable ${new URL(self.registration.scope).pathname} `;
const CACHE = KEPT + version;
const PAGE = "./";
/** The first words of the addresses of views, as `src/doable/web/routes.py` has them. Any other is the server's to answer. */
const VIEWS = new Set([
  "",
  "archived",
  "completed",
  "deleted",
  "filters",
  "inbox",
  "lists",
  "login",
  "notifications",
  "problems",
  "search",
  "settings",
  "signup",
  "tags",
  "tasks",
  "today",
  "upcoming",
]);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...files])));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([forgetOthers(), self.clients.claim()]));
});

// It waits until all tabs of the one before are closed, or the person takes it: a page that is open goes on with what it began with.
self.addEventListener("message", ({ data }) => {
  if ((data as Told) === "update") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const kept = keptFor(event.request);
  if (kept !== undefined) event.respondWith(answered(kept, event.request));
});

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(KEPT) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** What of the cache answers this request; undefined if it is none of the client's own. */
function keptFor(request: Request): string | undefined {
  const { origin, pathname } = new URL(request.url);
  const scope = new URL(self.registration.scope);
  if (request.method !== "GET" || origin !== scope.origin || !pathname.startsWith(scope.pathname)) return undefined;
  const path = pathname.slice(scope.pathname.length);
  if (files.includes(path)) return path;
  const [first = ""] = path.split("/");
  return request.mode === "navigate" && VIEWS.has(first) ? PAGE : undefined;
}

async function answered(kept: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(kept)) ?? fetch(request);
}
