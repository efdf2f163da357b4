import type { Words } from "../words.ts";

export const views: Words["views"] = {
  inbox: { name: "Eingang", title: "Dein Eingang ist leer", text: "Neue Aufgaben warten hier, bis du sie in eine Liste verschiebst." },
  today: { name: "Heute", title: "Für heute ist nichts mehr offen", text: "Hier erscheint, was heute fällig oder überfällig ist.", overdue: "Überfällig" },
  upcoming: { name: "Demnächst", tomorrow: "Morgen", title: "Nichts geplant", text: "Gib einer Aufgabe ein Datum, und sie erscheint hier an ihrem Tag." },
  completed: { name: "Erledigt", title: "Noch nichts erledigt", text: "Erledigte Aufgaben findest du hier." },
  archived: { name: "Archivierte Listen", title: "Keine archivierten Listen", text: "Archiviere eine Liste, die fertig ist: Sie ist aus dem Weg, und alles darin bleibt." },
  deleted: { name: "Zuletzt gelöscht", title: "Nichts gelöscht", text: "30 Tage lang kannst du hier wiederherstellen, was du gelöscht hast." },
  notifications: { name: "Mitteilungen", title: "Keine Mitteilungen", text: "Erinnerungen, die gekommen sind, stehen hier." },
  search: { name: "Suche", title: "Nichts gefunden", text: "Gesucht wird in Titeln und Beschreibungen.", hint: "Titel und Beschreibungen durchsuchen" },
  problems: { name: "Zu entscheiden", title: "Nichts zu entscheiden", text: "Wenn zwei Geräte dasselbe ändern, entscheidest du hier, was bleibt." },
  list: { title: "Diese Liste ist noch leer", text: "Füge die erste Aufgabe hinzu oder verschieb eine hierher." },
  tag: { title: "Keine offenen Aufgaben mit diesem Etikett", text: "Tippe @ und den Namen, wenn du eine Aufgabe hinzufügst." },
  filter: { title: "Keine Aufgaben passen zu diesem Filter", text: "" },
  lists: "Listen",
  tags: "Etiketten",
  filters: "Filter",
  settings: "Einstellungen",
};
