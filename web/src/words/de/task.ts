import type { Words } from "../words.ts";

export const task: Words["task"] = {
  complete: "„#“ erledigen",
  reopen: "„#“ wieder öffnen",
  completed: "Aufgabe erledigt",
  reopened: "Aufgabe wieder offen",
  deleted: "Aufgabe gelöscht",
  added: "Aufgabe hinzugefügt",
  list: "Aufgaben",
  detail: "Aufgabe",
  untitled: "Ohne Titel",
  title: "Titel",
  description: "Beschreibung",
};
