import type { Words } from "../words.ts";

export const palette: Words["palette"] = {
  title: "Suche und Befehle",
  hint: "Aufgabe finden, Liste öffnen, Befehl ausführen …",
  nothing: "Keine Aufgabe, keine Liste und kein Befehl passt dazu.",
  goTo: "Ansicht",
  list: "Liste",
  filter: "Filter",
  tag: "Etikett",
  task: "Aufgabe",
  keys: "Tastenkürzel",
  groups: { go: "Gehe zu", do: "Aktionen", task: "Für die aktuelle Aufgabe" },
  themes: { system: "Design: wie das System", light: "Design: hell", dark: "Design: dunkel" },
};
