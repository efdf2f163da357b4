/**
 * Pieces of a line that are text, though they could be understood: the person said so. They are masked with letters that are
 * no words anywhere, and put back into the title.
 */

export type Span = readonly [start: number, end: number];

/** 1,165 letters that hardly anybody writes, and for whoever writes these, others. */
const YI = 0xa000;
const HANGUL = 0xac00;
const IS_YI = /[\ua000-\ua48c]/;

function firstOf(text: string): number {
  return IS_YI.test(text) ? HANGUL : YI;
}

/** The line with a letter for each unit of what is masked, so that all else stays where it is. */
export function masked(text: string, masks: readonly Span[]): string {
  const first = firstOf(text);
  const units = text.split("");
  for (const [start, end] of masks) {
    for (let at = start; at < end; at += 1) units[at] = String.fromCharCode(first + at);
  }
  return units.join("");
}

/** A part of the masked line as it was written. */
export function unmasked(part: string, text: string, masks: readonly Span[]): string {
  if (masks.length === 0) return part;
  const first = firstOf(text);
  const isMasked = (at: number) => masks.some(([start, end]) => at >= start && at < end);
  return part
    .split("")
    .map((unit) => {
      const at = unit.charCodeAt(0) - first;
      return isMasked(at) ? (text[at] ?? unit) : unit;
    })
    .join("");
}

/** Where the masks are after the line was edited; one that the edit touches is gone. */
export function moved(masks: readonly Span[], before: string, after: string): readonly Span[] {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let until = before.length;
  let untilAfter = after.length;
  while (until > from && untilAfter > from && before[until - 1] === after[untilAfter - 1]) {
    until -= 1;
    untilAfter -= 1;
  }
  const by = untilAfter - until;
  return masks.flatMap(([start, end]): Span[] => {
    // A letter right beside it makes it another word.
    if (end <= from && !(end === from && isLetter(after[from]))) return [[start, end]];
    if (start >= until && !(start === until && isLetter(after[untilAfter - 1]) && untilAfter > from)) return [[start + by, end + by]];
    return [];
  });
}

function isLetter(unit: string | undefined): boolean {
  return unit !== undefined && /[\p{L}\p{N}]/u.test(unit);
}
