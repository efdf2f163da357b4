import type { Words } from "../words.ts";

export const bulk: Words["bulk"] = {
  name: "Ausgewählte Aufgaben",
  selected: { one: "# ausgewählt", other: "# ausgewählt" },
  changed: { one: "# Aufgabe geändert", other: "# Aufgaben geändert" },
  completed: { one: "# Aufgabe erledigt", other: "# Aufgaben erledigt" },
  deleted: { one: "# Aufgabe gelöscht", other: "# Aufgaben gelöscht" },
  moved: { one: "# Aufgabe verschoben", other: "# Aufgaben verschoben" },
  complete: "Erledigen",
  tag: "Etikett hinzufügen",
  select: "Auswählen",
  extendUp: "Auswahl nach oben erweitern",
  extendDown: "Auswahl nach unten erweitern",
};

export const section: Words["section"] = {
  add: "Abschnitt hinzufügen",
  edit: "Abschnitt bearbeiten",
  none: "Ohne Abschnitt",
  deleted: "Abschnitt gelöscht. Seine Aufgaben sind noch in der Liste.",
  asBoard: "Als Board zeigen",
  asList: "Als Liste zeigen",
};
