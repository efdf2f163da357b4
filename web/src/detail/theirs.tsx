import { Button } from "../parts/button.tsx";
import { words } from "../words/words.ts";
import type { Writing } from "./writing.ts";

/** What another device wrote in the same field while this one was writing there. */
export function Theirs({ writing }: { writing: Writing }) {
  const says = words.value.detail;
  if (writing.theirs === null) return null;
  return (
    <div class="theirs" role="status">
      <p>{says.theirs}</p>
      <blockquote>{writing.theirs || says.nothing}</blockquote>
      <Button onClick={writing.takeTheirs}>{says.takeTheirs}</Button>
      <Button onClick={writing.keepMine}>{says.keepMine}</Button>
    </div>
  );
}
