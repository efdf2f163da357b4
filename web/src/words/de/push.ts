import type { Words } from "../words.ts";

export const push: Words["push"] = {
  title: "Auf diesem Gerät",
  on: "Dieses Gerät zeigt deine Erinnerungen.",
  off: "Dieses Gerät kann deine Erinnerungen zeigen, auch wenn Doable geschlossen ist.",
  install: "Auf dem iPhone oder iPad muss Doable dafür auf dem Home-Bildschirm sein: Teilen, „Zum Home-Bildschirm“, und von dort öffnen.",
  blocked: "Du hast diesem Browser nicht erlaubt, Mitteilungen von Doable zu zeigen. In seinen Einstellungen kannst du das ändern.",
  none: "Dieser Browser kann keine Erinnerungen zeigen, oder die Seite kam über einfaches http.",
  turnOn: "Einschalten",
  turnOff: "Ausschalten",
  failed: "Das hat nicht geklappt. Der Push-Dienst dieses Browsers ist nicht zu erreichen oder lässt Doable nicht zu.",
  newVersion: "Eine neue Version von Doable ist da.",
  update: "Aktualisieren",
  worker: { complete: "Erledigen", snooze: "In 10 Minuten", failed: "Das hat nicht geklappt. Öffne die Aufgabe." },
};
