import type { Words } from "../words.ts";

export const palette: Words["palette"] = {
  title: "Gehe zu oder tu",
  hint: "Zu einer Liste gehen, eine Aufgabe finden, etwas tun …",
  nothing: "Nichts heißt so, und keine Aufgabe hat diese Wörter.",
  goTo: "Ansicht",
  list: "Liste",
  filter: "Filter",
  tag: "Etikett",
  task: "Aufgabe",
  keys: "Tasten",
  groups: { go: "Gehe zu", do: "Tun", task: "Mit der ausgewählten Aufgabe" },
  themes: { system: "Hell oder dunkel wie das System", light: "Hell", dark: "Dunkel" },
};
