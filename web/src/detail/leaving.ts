import { useEffect, useRef } from "preact/hooks";

/** Calls it when the component goes away, and when the page does or is put aside: there may be no later time. */
export function useLeaving(flush: () => void): void {
  const latest = useRef(flush);
  latest.current = flush;
  useEffect(() => {
    const now = () => latest.current();
    addEventListener("pagehide", now);
    document.addEventListener("visibilitychange", now);
    return () => {
      removeEventListener("pagehide", now);
      document.removeEventListener("visibilitychange", now);
      now();
    };
  }, []);
}
