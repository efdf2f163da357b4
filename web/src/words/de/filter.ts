import type { filter as en } from "../en/filter.ts";

const CONDITION = "Hier fehlt eine Bedingung, zum Beispiel today, overdue, no date, 7 days, due before friday, p1, #Liste oder @Etikett.";

export const filter: typeof en = {
  expected: {
    shorter: "Ein Filter hat höchstens 1.000 Zeichen.",
    "no control characters": "Steuerzeichen können nicht in einem Filter stehen.",
    "fewer conditions": "Ein Filter hat höchstens 50 Bedingungen.",
    flatter: "Klammern können höchstens 10 tief geschachtelt sein.",
    "closing bracket": "Zu dieser „(“ fehlt eine „)“.",
    "opening bracket": "Zu dieser „)“ fehlt davor eine „(“.",
    "fewer days": "Mehr als 9999 Tage gehen nicht.",
    "list id": "Hinter list: fehlt die ID einer Liste.",
    "beginning of a name": "Vor dem * fehlt der Anfang eines Namens.",
    moment:
      "Hier fehlt ein Datum wie 2026-12-01, ein Wort wie today, monday, week oder month, vielleicht mit +7d, -2w oder +1m dahinter, " +
      "oder ein Zeitpunkt wie 2026-12-01T09:00:00Z.",
    "day of the calendar": "Hier fehlt ein Tag, den es gibt, aus den Jahren 1970 bis 2200.",
    day: "Hier fehlt ein Tag wie friday oder 2026-12-01: Vor oder nach einer Uhrzeit heißt before oder after.",
    "second quotation mark": "Zu diesem Anführungszeichen fehlt das zweite.",
    words: "Hinter search: fehlt, wonach gesucht wird.",
    "shorter search": "Gesucht wird nach höchstens 200 Zeichen.",
    "something to search for": "Hinter search: fehlen Buchstaben, Zahlen oder Emojis.",
    "fewer words": "Gesucht wird insgesamt nach höchstens 10 Wörtern.",
    "before, after, on": "Hier fehlt before, after oder on, wie in due before friday.",
    days: "Hinter der Zahl fehlt days, wie in 7 days.",
    not: "Schreib ! statt not, wie in !today.",
  },
  condition: CONDITION,
  oneIsEnough: (sign) => `${CONDITION} Ein ${sign} genügt.`,
  didYouMean: (word) => `${CONDITION} Meinst du ${word}?`,
  search: (words) => `${CONDITION} Wörter suchst du mit search:${words ?? "Hafermilch"}.`,
  write: (conditions) => `Das ist keine Bedingung. Schreib ${conditions.replace(/, (?=[^,]*$)/, " oder ")}.`,
  sign: "Hier fehlt & (und) oder | (oder).",
  inPlaceOf: { and: "Schreib & statt and.", or: "Schreib | statt or.", not: "Schreib &! statt not." },
  name: {
    "#": "Hinter # fehlt der Name einer Liste.",
    "/": "Hinter / fehlt der Name eines Abschnitts.",
    "@": "Hinter @ fehlt der Name eines Etiketts.",
  },
  quotedName: (sign) => `Hier fehlt ein Name in Anführungszeichen, wie in ${sign}"Los geht's!".`,
  hasThis: (sign) => `Ein Name, in dem das vorkommt, steht in Anführungszeichen, wie in ${sign}"Los geht's!".`,
  hasSign: 'Ein Name, in dem & | ! ( oder ) vorkommt, steht in Anführungszeichen, wie in #"Los geht\'s!".',
};
