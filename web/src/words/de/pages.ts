import type { Words } from "../words.ts";

export const problems: Words["problems"] = {
  conflict: "„#“ wurde hier und anderswo geändert",
  completed: "„#“ wurde anderswo erledigt",
  completedText: "Sie wiederholt sich, und die nächste ist offen. Soll deine Änderung für diese gelten?",
  gone: "Etwas, das du geändert hast, wurde anderswo gelöscht",
  refused: "Der Server hat eine Änderung nicht angenommen",
  unreadable: "Eine Änderung auf diesem Gerät ist nicht mehr lesbar",
  unreadableText: "Sie wurde vielleicht nicht gesendet. Das ist von ihr übrig:",
  kept: "Nur zum Teil rückgängig gemacht, weil sich das seitdem geändert hat",
  mine: "Hier:",
  theirs: "Dort:",
  keepMine: "Meins behalten",
  takeTheirs: "Anderes übernehmen",
  toNext: "Für die nächste übernehmen",
  leave: "So lassen",
  dismiss: "OK",
  nothing: "nichts",
  fields: {
    title: "Titel",
    description: "Beschreibung",
    due: "Datum",
    start: "Beginn",
    priority: "Priorität",
    recurrence: "Wiederholung",
    reminders: "Erinnerungen",
    estimate_minutes: "Dauer",
    url: "Link",
    name: "Name",
    color: "Farbe",
    group: "Gruppe",
    query: "Filter",
    sort: "Reihenfolge",
  },
};

export const deleted: Words["deleted"] = {
  reading: "Gelöschtes wird geladen …",
  notRead: "Gelöschtes konnte nicht geladen werden",
  restore: "Wiederherstellen",
  restored: "Wiederhergestellt",
  restoredPartly: "Größtenteils wiederhergestellt. Was sich seitdem geändert hat, bleibt, wie es ist.",
  notRestored: "Das ließ sich nicht wiederherstellen.",
  andMore: { one: "und # weitere", other: "und # weitere" },
};

export const notices: Words["notices"] = {
  allSeen: "Alle als gesehen markieren",
  seen: "Als gesehen markieren",
  gone: "Eine gelöschte Aufgabe",
};
