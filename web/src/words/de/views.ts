import type { Words } from "../words.ts";

export const views: Words["views"] = {
  inbox: { name: "Eingang", title: "Dein Eingang ist leer", text: "Was noch nirgends einsortiert ist, landet hier. Mit q oder dem Knopf unten fügst du eine Aufgabe hinzu." },
  today: { name: "Heute", title: "Für heute ist nichts mehr offen", text: "Hier steht, was heute fällig oder überfällig ist.", overdue: "Überfällig" },
  upcoming: { name: "Demnächst", tomorrow: "Morgen", title: "Nichts geplant", text: "Gib einer Aufgabe ein Datum, und sie erscheint hier an ihrem Tag." },
  completed: { name: "Erledigt", title: "Noch nichts erledigt", text: "Was du abhakst, bleibt hier." },
  archived: { name: "Archivierte Listen", title: "Keine Liste ist archiviert", text: "Was fertig ist, kannst du archivieren: Es ist aus dem Weg, und alles darin bleibt." },
  deleted: { name: "Zuletzt gelöscht", title: "Nichts gelöscht", text: "Was du löschst, kannst du 30 Tage lang von hier zurückholen." },
  notifications: { name: "Mitteilungen", title: "Keine Mitteilungen", text: "Wenn eine Erinnerung kommt, findest du sie hier." },
  search: { name: "Suche", title: "Nichts gefunden", text: "Gesucht wird in Titeln und Beschreibungen." },
  problems: { name: "Zu entscheiden", title: "Nichts zu entscheiden", text: "Wenn zwei Geräte dasselbe ändern, wirst du hier gefragt." },
  list: { title: "Diese Liste ist noch leer", text: "Füge mit q eine Aufgabe hinzu oder zieh eine hierher." },
  tag: { title: "Keine offene Aufgabe hat dieses Etikett", text: "Tippe @ und den Namen, wenn du eine Aufgabe hinzufügst." },
  filter: { title: "Keine Aufgabe passt zu diesem Filter", text: "" },
  lists: "Listen",
  tags: "Etiketten",
  filters: "Filter",
  settings: "Einstellungen",
};
