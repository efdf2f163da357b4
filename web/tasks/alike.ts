/** What a word was most likely meant to be. As Python's `difflib.get_close_matches` finds it, which is Ratcliff and Obershelp's way. */

const ENOUGH = 0.75;

export function mostAlike(word: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; ratio: number } | undefined;
  for (const candidate of candidates) {
    const ratio = (2 * inCommon(candidate, word)) / (candidate.length + word.length);
    // Of two that are equally alike it is the one that comes later in the alphabet.
    if (ratio >= ENOUGH && (!best || ratio > best.ratio || (ratio === best.ratio && candidate > best.candidate))) {
      best = { candidate, ratio };
    }
  }
  return best?.candidate;
}

/** The letters of the longest common run, and of those before it and behind it. */
function inCommon(a: string, b: string): number {
  let [length, startA, startB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      let run = 0;
      while (i + run < a.length && j + run < b.length && a[i + run] === b[j + run]) run++;
      if (run > length) [length, startA, startB] = [run, i, j];
    }
  }
  if (length === 0) return 0;
  return length + inCommon(a.slice(0, startA), b.slice(0, startB)) + inCommon(a.slice(startA + length), b.slice(startB + length));
}
