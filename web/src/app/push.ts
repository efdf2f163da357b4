/** Reminders on this device: asking, subscribing, and ending it. */

import { effect, signal, untracked } from "@preact/signals";
import type { Client } from "../../sync/client.ts";
import type { Operation } from "../../sync/things.ts";
import type { PushWords } from "../worker/told.ts";
import { words } from "../words/words.ts";
import { forget, keep, kept } from "./kept.ts";
import { BASE } from "./server.ts";
import { asPerson, person } from "./session.ts";
import { client, status } from "./store.ts";

/**
 * `install`: on an iPhone or iPad only what was added to the home screen is told. `blocked`: the person has said no to the
 * browser. `none`: this browser cannot, or the page came by plain http.
 */
type PushState = "on" | "off" | "install" | "blocked" | "none";

/** Whose subscription it is, so that nobody's reminders come to a device on which somebody else is logged in. */
const SUBSCRIBED = "doable.push";
const subscribed = () => kept(SUBSCRIBED) as { user?: string; id?: string } | null;

export const pushState = signal<PushState>(stateNow());

function stateNow(): PushState {
  const isIOS = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  const isInstalled = matchMedia("(display-mode: standalone)").matches;
  if (isIOS && !isInstalled) return "install";
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis)) return "none";
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && subscribed()?.id ? "on" : "off";
}

/** At the first reminder that is set, and never again: the settings have it as well. */
export function offerPush(operations: readonly Operation[]): void {
  const asked = "doable.push-asked";
  if (pushState.value !== "off" || kept(asked) || !operations.some(setsReminder)) return;
  keep(asked, 1);
  void turnOn().catch(() => {});
}

function setsReminder(operation: Operation): boolean {
  if (operation.kind !== "task" || (operation.op !== "create" && operation.op !== "update")) return false;
  return (operation.task.reminders?.length ?? 0) > 0;
}

/** Asks the browser, and so the person, and subscribes. Raises Refused, or what the browser has against it. */
export async function turnOn(): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") {
    pushState.value = stateNow();
    return;
  }
  await subscribe();
}

/** After each log-in, and each time the client is opened. */
export function followPush(): void {
  let renewed: Client | null = null;
  effect(() => {
    const { state } = status.value;
    if (state === "logged-out") renewed = null;
    if (state !== "live" || renewed === client.value) return;
    renewed = client.value;
    untracked(() => void renew().catch(() => {}));
  });
}

/** The browser may have another address by now, and a new password has ended what was subscribed. Nobody is sent what is somebody else's. */
async function renew(): Promise<void> {
  if (pushState.value !== "on") return;
  if (subscribed()?.user === person.value?.id) await subscribe();
  else await unsubscribe();
}

async function subscribe(): Promise<void> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const { public_key } = await asPerson<{ public_key: string }>("GET", "/api/me/push");
  const known = await pushManager.getSubscription();
  if (known && keyOf(known) !== public_key) await known.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
  const { id } = await asPerson<{ id: string }>("POST", "/api/me/push/subscriptions", subscription.toJSON());
  keep(SUBSCRIBED, { user: person.value?.id, id });
  await leaveWords();
  pushState.value = "on";
}

/** Ends it here: at a log-out as well. The server forgets it by itself once the browser is gone. */
export async function turnOff(): Promise<void> {
  const id = subscribed()?.id;
  await unsubscribe();
  if (id) await asPerson("DELETE", `/api/me/push/subscriptions/${id}`);
}

async function unsubscribe(): Promise<void> {
  forget(SUBSCRIBED);
  pushState.value = stateNow();
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}

function keyOf(subscription: PushSubscription): string {
  const bytes = new Uint8Array(subscription.options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCodePoint(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The worker has no dictionary, so it finds these where it looks. */
async function leaveWords(): Promise<void> {
  const cache = await caches.open("doable-push-words");
  await cache.put(`${BASE}/push-words`, Response.json(words.value.push.worker satisfies PushWords));
}
