/** Names of tags: which are one name, as the server's tag_names.py has it. */

import type { Copy } from "../copy.ts";
import { keyOf } from "../texts.ts";

function tidyName(name: string): string {
  return name.trim().replace(/\s+/gu, " ");
}

/** These names in the order of their keys, each once and spelled as its tag is. */
export function asTags(copy: Copy, names: Iterable<string>): string[] {
  const spelled = new Map<string, string>();
  for (const name of names) {
    const key = keyOf(tidyName(name));
    if (!spelled.has(key)) spelled.set(key, tidyName(name));
  }
  for (const tag of copy.all("tag").values()) {
    const key = keyOf(tag.name);
    if (spelled.has(key)) spelled.set(key, tag.name);
  }
  return [...spelled.keys()].toSorted().map((key) => spelled.get(key) ?? key);
}
