/** Several lines that are pasted: a task each. */

/** The lines that say something, without the signs of a list before them. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/^\s*(?:[-*+•◦▪‣–]\s+|\d{1,3}[.)]\s+)?(?:\[[ xX]?\]\s+|[☐☑✓]\s*)?/u, "").trim())
    .filter((line) => line !== "");
}
