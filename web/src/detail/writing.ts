import { useRef, useState } from "preact/hooks";
import { useLeaving } from "./leaving.ts";

export interface Writing {
  text: string;
  /** What another device wrote since this was begun; the person says which of the two it is to be. Null: nothing. */
  theirs: string | null;
  write: (text: string) => void;
  /** Keeps what is written, unless another device's has to be decided about first. */
  finish: () => void;
  keepMine: () => void;
  takeTheirs: () => void;
}

interface Draft {
  text: string;
  /** What was there when it was begun, or kept last. */
  begun: string;
}

const PAUSE = 1500; // ms without a key after which it is kept, so that little is in this page alone

/**
 * What is being written in a field. While it is, another device's change of the same does not overwrite it. It is kept
 * after a pause, when the field is left, when it goes away, and when the page does. `keep` writes it and answers what is
 * then there; `replaces`: it takes the place of what another device wrote, and nobody was asked.
 */
export function useWriting(value: string, keep: (text: string, replaces: boolean) => string): Writing {
  const [draft, setDraft] = useState<Draft | null>(null);
  const latest = useRef({ draft, value, keep, timer: 0 });
  latest.current.value = value;
  latest.current.keep = keep;
  const put = (next: Draft | null) => {
    latest.current.draft = next;
    setDraft(next);
  };
  const store = (replaces = false) => {
    const { draft: now, keep: keepIt, timer } = latest.current;
    clearTimeout(timer);
    if (now && now.text !== now.begun) latest.current.draft = { ...now, begun: keepIt(now.text, replaces) };
  };
  const isAsked = () => theirsIn(latest.current.draft, latest.current.value) !== null;
  useLeaving(() => store(isAsked()));
  return {
    text: draft?.text ?? value,
    theirs: theirsIn(draft, value),
    write: (text) => {
      put({ text, begun: latest.current.draft?.begun ?? value });
      clearTimeout(latest.current.timer);
      latest.current.timer = window.setTimeout(() => {
        if (!isAsked()) store();
      }, PAUSE);
    },
    finish: () => {
      if (isAsked()) return;
      store();
      put(null);
    },
    keepMine: () => {
      store();
      put(null);
    },
    takeTheirs: () => {
      clearTimeout(latest.current.timer);
      put(null);
    },
  };
}

function theirsIn(draft: Draft | null, value: string): string | null {
  return draft && value !== draft.begun && value !== draft.text ? value : null;
}
