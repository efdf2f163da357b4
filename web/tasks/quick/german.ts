/** Quick add in German, as `quick/german.py` of the server has it: a test compares them word by word. */

import type { Priority } from "../../sync/things.ts";
import { ENGLISH } from "./english.ts";
import { language, named, set } from "./language.ts";
import type { PartOfDay } from "./language.ts";
import { Words } from "./text.ts";

const DAYS = ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"];
const ORDINALS = ["erst", "zweit", "dritt", "viert", "fünft", "sechst", "siebt", "acht", "neunt", "zehnt"];
const PARTS: Readonly<Record<string, PartOfDay>> = {
  morgen: "morning",
  früh: "morning",
  vormittag: "morning",
  mittag: "noon",
  nachmittag: "afternoon",
  abend: "evening",
  nacht: "night",
};

function inflected(...stems: readonly string[]): string {
  return stems.flatMap((stem) => ["e", "en", "er", "es", "em"].map((ending) => stem + ending)).join("|");
}

/** Each part of each day in one word: Dienstagabend. */
function partsOfDays(): Record<string, readonly [number, PartOfDay]> {
  const all = DAYS.flatMap((day, number) =>
    Object.entries(PARTS).map(([part, meaning]) => [day + part, [number, meaning] as const] as const),
  );
  return Object.fromEntries(all);
}

export const GERMAN = language({
  // All nouns have a capital letter.
  isCapitalising: false,
  isMonthFirst: false,
  is24Hours: true,
  hasAdjectives: false,
  days: new Words({ heute: 0, morgen: 1, übermorgen: 2 }),
  tonight: new Words({}),
  weekdays: new Words({ ...named(DAYS), sonnabend: 5 }),
  shortWeekdays: new Words({ mo: 0, di: 1, mi: 2, do: 3, fr: 4, sa: 5, so: 6 }),
  onWeekdays: new Words({ ...named(DAYS.map((name) => `${name}s`)), sonnabends: 5 }),
  weekdayParts: new Words(partsOfDays()),
  months: new Words({
    "januar|jänner|jan": 1,
    "februar|feber|feb": 2,
    "märz|mär|mrz": 3,
    "april|apr": 4,
    mai: 5,
    "juni|jun": 6,
    "juli|jul": 7,
    "august|aug": 8,
    "september|sept|sep": 9,
    "oktober|okt": 10,
    "november|nov": 11,
    "dezember|dez": 12,
  }),
  units: new Words({
    "tag|tage|tagen": "day",
    "woche|wochen": "week",
    "monat|monate|monaten|monats": "month",
    "jahr|jahre|jahren|jahres": "year",
  }),
  minutes: new Words({ "minute|minuten|min": 1, "stunde|stunden|std|h": 60 }),
  fractions: new Words({
    "einer halben stunde|eine halbe stunde|halbe stunde|ner halben stunde": 30,
    "anderthalb stunden|eineinhalb stunden": 90,
    "einer viertelstunde|eine viertelstunde": 15,
    "einer dreiviertelstunde|eine dreiviertelstunde": 45,
  }),
  numbers: new Words({
    "ein|eine|einer|einem|einen|eins": 1,
    "zwei|zwo": 2,
    drei: 3,
    vier: 4,
    fünf: 5,
    sechs: 6,
    sieben: 7,
    acht: 8,
    neun: 9,
    zehn: 10,
    elf: 11,
    zwölf: 12,
    vierzehn: 14,
  }),
  ordinals: new Words({
    ...named(ORDINALS.map((stem) => inflected(stem)), 1),
    [inflected("fünfzehnt")]: 15,
    [inflected("letzt")]: -1,
  }),
  ordinalEndings: set(""),
  hasOrdinalDot: true,
  next: new Words({ [inflected("nächst")]: true }),
  this: new Words({ [inflected("dies", "kommend")]: true }),
  weekend: new Words({ "wochenende|we": true }),
  endOf: new Words({ "ende|ende der|ende des|ende dieser|ende dieses": true }),
  ends: new Words({ monatsende: "month", jahresende: "year" }),
  in: new Words({ in: true }),
  fromNow: new Words({}),
  on: new Words({ "am|bis|bis zum|bis zur|bis am|zum|für den|an": "on", "für|den|dem|der": "the" }),
  at: new Words({ "um|gegen|ab|so um": "at", "bis|bis um": "by", für: "for" }),
  inThe: new Words({ "am|in der|bis zum|zum": false, [inflected("dies")]: true }),
  and: new Words({ und: true }),
  of: new Words({ des: true }),
  parts: new Words(PARTS),
  adverbialParts: new Words({
    "morgens|frühmorgens|vormittags": "morning",
    mittags: "noon",
    nachmittags: "afternoon",
    abends: "evening",
    nachts: "night",
  }),
  clockWords: new Words({ mitternacht: 0, "zu mittag": 12 }),
  isPm: new Words({}),
  oClock: new Words({ uhr: true }),
  past: new Words({ halb: -30, "viertel nach": 15, "viertel vor": -15, "zehn nach": 10, "zehn vor": -10 }),
  every: new Words({ [`${ inflected("jed")}|alle`]: true }),
  other: new Words({ [inflected("zweit")]: 2 }),
  adverbs: new Words({
    täglich: [1, "day"],
    wöchentlich: [1, "week"],
    "zweiwöchentlich|vierzehntäglich|vierzehntägig": [2, "week"],
    monatlich: [1, "month"],
    "vierteljährlich|quartalsweise": [3, "month"],
    halbjährlich: [6, "month"],
    jährlich: [1, "year"],
  }),
  everySet: new Words({ "werktag|arbeitstag|wochentag": [0, 1, 2, 3, 4], wochenende: [5] }),
  sets: new Words({ "werktags|wochentags|an werktagen|unter der woche": [0, 1, 2, 3, 4] }),
  workday: new Words({ "werktag|arbeitstag": true }),
  quarter: new Words({ "quartal|vierteljahr": true }),
  ofEveryMonth: new Words({
    "jeden monats|jedes monats|jeden monat|in jedem monat|eines jeden monats|jedes monates|in einem jeden monat": true
  }),
  ofTheMonth: new Words({ "im monat|des monats|eines monats": true }),
  until: new Words({ "bis|bis zum|bis einschließlich": true }),
  for: new Words({ für: true }),
  times: new Words({ mal: true }),
  starting: new Words({ "ab|ab dem|beginnend am|beginnend ab|von|vom|startend am": true }),
  remind: new Words({ "erinnere|erinnerung|erinnern": false, "erinnere mich|erinner mich|erinnere mich bitte|erinner mich bitte|bitte erinnere mich|mit erinnerung": true }),
  remindTo: new Words({ "an|an den|an die|an das|ans|an einen|an eine|an ein|daran": true }),
  before: new Words({ "vorher|davor|früher|zuvor|im voraus": true }),
  daysBefore: new Words({ "am tag davor|am tag vorher|am tag zuvor|am vortag": 1, "in der woche davor": 7 }),
  marks: new Words({ "start|beginn": "start", fällig: "due" }),
  plainOn: set("am"),
  priorities: new Map([...ENGLISH.priorities, ...Object.entries<Priority>({ "!hoch": "high", "!mittel": "medium", "!niedrig": "low" })]),
  estimates: new Map([...ENGLISH.estimates, ...Object.entries({ std: 60, stunde: 60, stunden: 60, minuten: 1, tag: 1440, tage: 1440 })]),
  blocking: set("guten schoenen ausser nach vor seit von vom ab zwischen auf als letzten letzte letzter"),
  articles: set("der die das mein meine unser unsere jener"),
  beforeNames: set("schwarzer black cyber weisser"),
  afterWeekdays: set(""),
  beginnings: set(""),
  counted: set(`
    advent geburtstag hochzeitstag jahrestag stock platz versuch klasse kilometer km kg gramm liter prozent seiten
    stunden minuten euro eur
  `),
  amounts: set(`
    zahle zahlen zahl bezahle bezahlen bezahl ueberweise ueberweisen erstatte erstatten schulde schuldet leihe
    leihen gib spende spenden trinkgeld rechnung preis kostet kosten budget ausgaben gebuehr summe betrag gesamt
    eur usd gbp chf version kapitel abschnitt vers psalm gewicht wiege update upgrade miete gehalt kontostand abo
    einkauf ticket tickets geschenk strom
  `),
  lengths: set(`
    lerne lernen arbeite arbeiten fasten faste fahrt fahre fahren schlafe schlafen flug fliege fliegen kurs dauert
    dauer laufe laufen wandern gehen ueben uebe spiele spielen warte warten insgesamt gesamt brauche braucht
    schicht ueberstunden reise film video laden marinieren ruhen ziehen einweichen backen kochen
  `),
});
