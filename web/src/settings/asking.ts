/** What the settings ask the server themselves: account matters, which are not in the copy on the device. */

import { computed, type ReadonlySignal } from "@preact/signals";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../account/refused.ts";
import { toast } from "../app/acting.ts";
import { isOffline } from "../app/offline.ts";
import { asPerson, type Person } from "../app/session.ts";
import { status } from "../app/store.ts";

export interface Me extends Person {
  /** Null: it is not verified. */
  email_verified_at: string | null;
}

export const isOnline: ReadonlySignal<boolean> = computed(() => !isOffline.value && status.value.state !== "logged-out");

/** What is at this address, asked for again when the network is back. `again` after something has changed it. */
export function useAnswer<Answer>(path: string): { answer: Answer | null; refused: unknown; again: () => Promise<void> } {
  const [found, setFound] = useState<{ answer: Answer | null; refused: unknown }>({ answer: null, refused: null });
  const isThere = useRef(true);
  const again = useCallback(async () => {
    try {
      const answer = await asPerson<Answer>("GET", path);
      if (isThere.current) setFound({ answer, refused: null });
    } catch (error) {
      if (isThere.current) setFound((before) => ({ ...before, refused: error }));
    }
  }, [path]);
  const online = isOnline.value;
  useEffect(() => {
    isThere.current = true;
    void again();
    return () => {
      isThere.current = false;
    };
  }, [again, online]);
  return { ...found, again };
}

/** Does it, and says what was done, or why not. */
export async function attempt(work: () => Promise<unknown>, said: string): Promise<void> {
  try {
    await work();
    toast(said);
  } catch (error) {
    toast(sentence(error));
  }
}
