import type { welcome as en } from "../en/welcome.ts";

export const welcome: typeof en = {
  title: "Schön, dass du da bist",
  sentences: [
    "Schreib auf, was du zu tun hast: Drück q oder das Plus, und tipp es so, wie du es sagen würdest, etwa „Mama anrufen morgen um 18 Uhr“.",
    "Was ein Datum hat, steht unter Heute, wenn sein Tag kommt; was noch nicht einsortiert ist, wartet im Eingang.",
    "Alles ist sofort auf diesem Gerät gespeichert, auch ohne Netz, und kommt von selbst auf deine anderen Geräte.",
  ],
};
