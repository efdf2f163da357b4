import type { welcome as en } from "../en/welcome.ts";

export const welcome: typeof en = {
  title: "Willkommen bei Doable",
  sentences: [
    "Schreib auf, was du zu tun hast: Drück q oder das Plus, und tipp es so, wie du es sagen würdest, zum Beispiel „Mama anrufen morgen um 18 Uhr“.",
    "Eine Aufgabe mit Datum erscheint unter Heute, wenn ihr Tag kommt; alles andere wartet im Eingang, bis du es einsortierst.",
    "Alles wird sofort auf diesem Gerät gespeichert, auch offline, und kommt von selbst auf deine anderen Geräte.",
  ],
};
