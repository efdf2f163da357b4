/** Does it when the browser has nothing else to do: once what it was about to draw is there. */
export function whenIdle(does: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(does, { timeout: 2000 });
  else setTimeout(does, 200);
}
