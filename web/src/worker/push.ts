/** Shows reminders that come while no page is open, and does what is chosen on them. */

import { type PushWords, sessionLock } from "./told.ts";

interface Message {
  kind: "reminder";
  notification_id: string;
  task_id: string;
  title: string;
  remind_at: string;
}

declare const self: ServiceWorkerGlobalScope;

const WORDS = "doable-push-words";
const SNOOZED_MINUTES = 10;
const ENGLISH: PushWords = { complete: "Complete", snooze: "In 10 minutes", failed: "That did not work. Open the task." };
/** As the page's own `BASE`. */
const BASE = new URL(self.registration.scope).pathname.replace(/\/$/, "");
const below = (path: string): string => new URL(`.${path}`, self.registration.scope).href;

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json()));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const message: Message = event.notification.data;
  if (event.action === "complete") event.waitUntil(orSay(complete(message), message));
  else if (event.action === "snooze") event.waitUntil(orSay(snooze(message), message));
  else event.waitUntil(openTask(message.task_id));
});

/** The same notification may come twice; by its tag the second takes the first one's place. */
async function show(message: Message): Promise<void> {
  const words = await pushWords();
  await self.registration.showNotification(message.title, {
    tag: message.notification_id,
    icon: below("/icons/icon-192.png"),
    data: message,
    actions: [
      { action: "complete", title: words.complete },
      { action: "snooze", title: words.snooze },
    ],
  } as NotificationOptions);
}

async function openTask(task: string): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages[0];
  if (!page) return void (await self.clients.openWindow(below(`/tasks/${task}`)));
  page.postMessage({ open: task });
  // A browser may refuse the focus; the task is open all the same.
  await page.focus().catch(() => {});
}

async function complete({ task_id }: Message): Promise<void> {
  await ask("PATCH", `/api/me/tasks/${task_id}/complete`, { is_completed: true });
}

async function snooze({ task_id, notification_id }: Message): Promise<void> {
  const { notifications } = await ask<{ notifications: { id: string; reminder_id: string }[] }>("GET", "/api/me/notifications?limit=100");
  const reminder = notifications.find(({ id }) => id === notification_id)?.reminder_id;
  if (!reminder) throw new Error("no reminder");
  await ask("POST", `/api/me/tasks/${task_id}/reminders/${reminder}/snooze`, { minutes: SNOOZED_MINUTES });
}

/** By the cookie that the page has: the worker gets an access token of its own. */
async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const token = await navigator.locks.request(sessionLock(BASE), newToken);
  const answer = await fetch(below(path), {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body ? { "Content-Type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function newToken(): Promise<string> {
  const refreshed = await fetch(below("/account/session/refresh"), { method: "POST" });
  if (!refreshed.ok) throw new Error(`${refreshed.status}`);
  const { access_token } = await refreshed.json();
  return access_token;
}

/** Nobody must believe that something is done which is not. */
async function orSay(work: Promise<void>, message: Message): Promise<void> {
  try {
    await work;
  } catch {
    const { failed } = await pushWords();
    await self.registration.showNotification(message.title, { tag: message.notification_id, body: failed, data: message });
  }
}

async function pushWords(): Promise<PushWords> {
  const kept = await caches.open(WORDS).then((cache) => cache.match(below("/push-words")));
  return kept ? kept.json() : ENGLISH;
}
