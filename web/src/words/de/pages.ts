import type { Words } from "../words.ts";

export const problems: Words["problems"] = {
  conflict: "„#“ wurde hier und anderswo geändert",
  completed: "„#“ wurde anderswo erledigt",
  completedText: "Sie wiederholt sich, und die nächste ist offen. Soll deine Änderung für diese gelten?",
  gone: "Was du geändert hast, wurde anderswo gelöscht",
  refused: "Der Server hat eine Änderung nicht angenommen",
  kept: "Nicht alles ließ sich rückgängig machen: Das hat sich seitdem geändert",
  mine: "Hier:",
  theirs: "Dort:",
  keepMine: "Meine behalten",
  takeTheirs: "Andere übernehmen",
  toNext: "Für die nächste",
  leave: "So lassen",
  dismiss: "In Ordnung",
  nothing: "nichts",
  fields: {
    title: "Titel",
    description: "Beschreibung",
    due: "Datum",
    start: "Nicht vor",
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
  reading: "Gelöschtes wird gesucht …",
  offline: "Dafür braucht es das Netz",
  restore: "Zurückholen",
  restored: "Es ist wieder da",
  restoredPartly: "Das meiste ist wieder da. Was seitdem geändert wurde, bleibt, wie es ist.",
  notRestored: "Das ließ sich nicht zurückholen",
  andMore: { one: "und # weitere", other: "und # weitere" },
};

export const notices: Words["notices"] = {
  allSeen: "Alle als gesehen markieren",
  seen: "Als gesehen markieren",
  gone: "Eine gelöschte Aufgabe",
};
