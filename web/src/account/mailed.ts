/** The token of a mailed link: in the part of the address that no browser sends to a server. */

import { signal } from "@preact/signals";
import { place } from "../app/place.ts";

export const mailedToken = signal<string | null>(null);

/** Takes it out of the address at once, so that it is neither in the history nor seen on the screen. */
function take(): void {
  if (place.value.area !== "account" || !location.hash) return;
  mailedToken.value = new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(null, "", location.pathname);
}

take();
// A link that is opened where its page is already changes this part of the address alone.
addEventListener("hashchange", take);
