/** The service worker: by it the client opens without a network, and shows reminders while it is closed. */

import { signal } from "@preact/signals";
import type { Told } from "../worker/told.ts";
import { openTask } from "./place.ts";
import { BASE } from "./server.ts";

/** `http`: browsers give a plain page of a home network none. */
export const opensOffline = signal<"yes" | "not yet" | "http" | "no">("not yet");
/** A new version that waits to be taken. */
export const newVersion = signal<ServiceWorker | null>(null);

interface Policies {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/** The one policy that the page's headers allow admits this one script. */
function scriptURL(): string {
  const own = `${BASE}/sw.js`;
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  const refuse = (url: string): string => {
    if (url !== own) throw new TypeError(url);
    return url;
  };
  return trustedTypes ? trustedTypes.createPolicy("doable", { createScriptURL: refuse }).createScriptURL(own) : own;
}

export async function startWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    opensOffline.value = isSecureContext ? "no" : "http";
    return;
  }
  if (import.meta.env.DEV) return;
  try {
    const registration = await navigator.serviceWorker.register(scriptURL(), { scope: `${BASE}/` });
    watch(registration);
    await navigator.serviceWorker.ready;
    opensOffline.value = "yes";
  } catch {
    opensOffline.value = "no"; // private windows have none
  }
}

function watch(registration: ServiceWorkerRegistration): void {
  const look = () => {
    // Where no worker was at work before, what waits is the first one, and no new version.
    if (registration.waiting && navigator.serviceWorker.controller) newVersion.value = registration.waiting;
  };
  look();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (typeof data?.open === "string") openTask(data.open);
  });
  // A page that stays open for days looks for a new version now and then.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && navigator.onLine) void registration.update().catch(() => {});
  });
}

/** Takes the new version: all tabs of this client begin anew. */
export function takeNewVersion(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  newVersion.value?.postMessage("update" satisfies Told);
}
