import type { Words } from "../words.ts";

export const saying: Words["saying"] = {
  today: "Heute",
  tomorrow: "Morgen",
  yesterday: "Gestern",
  at: (day, time) => `${day}, ${time}`,
  rule: {
    every: {
      DAILY: { one: "Jeden Tag", other: "Alle # Tage" },
      WEEKLY: { one: "Jede Woche", other: "Alle # Wochen" },
      MONTHLY: { one: "Jeden Monat", other: "Alle # Monate" },
      YEARLY: { one: "Jedes Jahr", other: "Alle # Jahre" },
    },
    weekdays: "Jeden Werktag",
    on: (rule, days) => `${rule} am ${days}`,
    until: (rule, day) => `${rule} bis ${day}`,
    times: (rule, n) => (n === 1 ? `${rule}, ein letztes Mal` : `${rule}, ${n}-mal`),
    fromCompletion: (rule) => `${rule} nach Erledigung`,
    asOthersSay: (rule) => `${rule}, wie in einer Kalender-App eingestellt`,
    others: "Nach einer Regel aus einer Kalender-App",
  },
  before: (length) => `${length} vorher`,
  after: (length) => `${length} danach`,
  beforeStart: (length) => `${length} vor dem Beginn`,
  afterStart: (length) => `${length} nach dem Beginn`,
  atDue: "Bei Fälligkeit",
  atStart: "Zum Beginn",
};
