/** How many characters the server takes. A description has what its settings say (`server.ts`). */
export const LONGEST_TITLE = 200;
/** A line of quick add. */
export const LONGEST_LINE = 500;
