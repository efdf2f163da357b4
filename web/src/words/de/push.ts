import type { Words } from "../words.ts";

export const push: Words["push"] = {
  title: "Auf diesem Gerät",
  on: "Dieses Gerät zeigt deine Erinnerungen.",
  off: "Dieses Gerät kann deine Erinnerungen zeigen, auch wenn Doable geschlossen ist.",
  install: "Auf dem iPhone oder iPad muss Doable auf dem Home-Bildschirm sein: Tippe auf „Teilen“, dann auf „Zum Home-Bildschirm“, und öffne es von dort.",
  blocked: "Mitteilungen von Doable sind in diesem Browser blockiert. In seinen Einstellungen kannst du sie erlauben.",
  none: "Dieser Browser kann keine Erinnerungen zeigen, oder die Seite wurde über einfaches http geöffnet.",
  turnOn: "Einschalten",
  turnOff: "Ausschalten",
  failed: "Das hat nicht geklappt. Der Push-Dienst dieses Browsers ist nicht zu erreichen oder hat abgelehnt.",
  newVersion: "Es gibt eine neue Version von Doable.",
  update: "Aktualisieren",
  worker: { complete: "Erledigen", snooze: "In 10 Minuten", failed: "Das hat nicht geklappt. Öffne die Aufgabe." },
};
