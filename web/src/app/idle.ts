/** Does it once what has changed is on the screen: in the task after the next frame. */
export function afterPaint(does: () => void): void {
  requestAnimationFrame(() => setTimeout(does));
}

/** Does it when the browser has nothing else to do: once what it was about to draw is there. */
export function whenIdle(does: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(does, { timeout: 2000 });
  else setTimeout(does, 200);
}
