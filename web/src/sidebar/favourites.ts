/** What stands at the top of the side bar. It is kept on the device: each has its own habits. */

import { signal } from "@preact/signals";
import { keep, keptTexts } from "../app/kept.ts";
import type { View } from "../app/place.ts";

export type Lasting = Extract<View, { id: string }>;

const KEPT = "doable.favourites";
const keyOf = ({ view, id }: Lasting): string => `${view}:${id}`;

export const favourites = signal<readonly string[]>(keptTexts(KEPT));

export const isFavourite = (view: Lasting): boolean => favourites.value.includes(keyOf(view));

export function toggleFavourite(view: Lasting): void {
  const key = keyOf(view);
  favourites.value = isFavourite(view) ? favourites.value.filter((each) => each !== key) : [...favourites.value, key];
  keep(KEPT, favourites.value);
}

export function favouriteViews(): Lasting[] {
  return favourites.value.flatMap((key) => {
    const [view, id] = key.split(":");
    return (view === "list" || view === "tag" || view === "filter") && id ? [{ view, id }] : [];
  });
}
