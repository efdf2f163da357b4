/** Quick add in English, as `quick/english.py` of the server has it: a test compares them word by word. */

import type { Priority } from "../../sync/things.ts";
import { language, named, set } from "./language.ts";
import { Words } from "./text.ts";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export const ENGLISH = language({
  isCapitalising: true,
  isMonthFirst: true,
  is24Hours: false,
  hasAdjectives: true,
  days: new Words({ today: 0, "tomorrow|tmr|tmrw": 1, "day after tomorrow|the day after tomorrow": 2 }),
  tonight: new Words({ "tonight|tonite": "night" }),
  weekdays: new Words(named(DAYS)),
  shortWeekdays: new Words({ mon: 0, "tue|tues": 1, "wed|weds": 2, "thu|thur|thurs": 3, fri: 4, sat: 5, sun: 6 }),
  onWeekdays: new Words(named(DAYS.map((name) => `${name}s|on ${name}s`))),
  weekdayParts: new Words({}),
  months: new Words({
    "january|jan": 1,
    "february|feb": 2,
    "march|mar": 3,
    "april|apr": 4,
    may: 5,
    "june|jun": 6,
    "july|jul": 7,
    "august|aug": 8,
    "september|sept|sep": 9,
    "october|oct": 10,
    "november|nov": 11,
    "december|dec": 12,
  }),
  units: new Words({
    "day|days|d": "day",
    "week|weeks|wk|wks|w": "week",
    "month|months|mo": "month",
    "year|years|yr|yrs|y": "year",
  }),
  minutes: new Words({ "minute|minutes|min|mins|m": 1, "hour|hours|hr|hrs|h": 60 }),
  fractions: new Words({
    "half an hour|half hour|a half hour": 30,
    "an hour and a half|one and a half hours|1 and a half hours": 90,
    "a quarter of an hour|quarter of an hour": 15,
  }),
  numbers: new Words({
    "a|an|one": 1,
    "two|a couple of|a couple|couple of": 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
  }),
  ordinals: new Words({
    first: 1,
    second: 2,
    third: 3,
    fourth: 4,
    fifth: 5,
    sixth: 6,
    seventh: 7,
    eighth: 8,
    ninth: 9,
    tenth: 10,
    twelfth: 12,
    fifteenth: 15,
    last: -1,
  }),
  ordinalEndings: set("st nd rd th"),
  hasOrdinalDot: false,
  next: new Words({ next: true }),
  this: new Words({ "this|this coming|coming": true }),
  weekend: new Words({ weekend: true }),
  endOf: new Words({ "end of|the end of|end of the|the end of the": true }),
  ends: new Words({ eod: "day", eow: "week", eom: "month", eoy: "year" }),
  in: new Words({ "in|within": true }),
  fromNow: new Words({ "from now|from today": true }),
  on: new Words({ "on|by|on the|by the|for the|at the|over the|no later than": "on", "the|for": "the" }),
  at: new Words({ "at|around|at around|at about": "at", by: "by", for: "for" }),
  inThe: new Words({ "in the|at|during the": false, this: true }),
  and: new Words({ and: true }),
  of: new Words({ "of|of the": true }),
  parts: new Words({ morning: "morning", afternoon: "afternoon", evening: "evening", night: "night" }),
  adverbialParts: new Words({}),
  clockWords: new Words({ "noon|midday": 12, midnight: 0 }),
  isPm: new Words({ am: false, pm: true }),
  oClock: new Words({ "o'clock|oclock": true }),
  past: new Words({
    "half past": 30,
    "quarter past|a quarter past": 15,
    "quarter to|a quarter to": -15,
    "ten past": 10,
    "ten to": -10,
    "twenty past": 20,
    "twenty to": -20,
    "five past": 5,
    "five to": -5,
  }),
  every: new Words({ "every|each": true }),
  other: new Words({ "other|second": 2 }),
  adverbs: new Words({
    daily: [1, "day"],
    weekly: [1, "week"],
    "biweekly|fortnightly": [2, "week"],
    monthly: [1, "month"],
    quarterly: [3, "month"],
    "yearly|annually": [1, "year"],
  }),
  everySet: new Words({ "weekday|workday|work day|working day|business day": [0, 1, 2, 3, 4], weekend: [5] }),
  sets: new Words({ "weekdays|on weekdays|workdays|on workdays": [0, 1, 2, 3, 4], "weekends|on weekends": [5] }),
  workday: new Words({ "workday|working day|business day|weekday": true }),
  quarter: new Words({ quarter: true }),
  ofEveryMonth: new Words({ "of every month|of each month|every month|each month": true }),
  ofTheMonth: new Words({ "of the month|of month|of a month|in the month": true }),
  until: new Words({ "until|till|til|through|ending": true }),
  for: new Words({ for: true }),
  times: new Words({ "times|time": true }),
  starting: new Words({ "starting|starting on|starting from|beginning|beginning on|from|start|starting in": true }),
  remind: new Words({ "remind|reminder": false, "remind me|please remind me|with reminder|with a reminder": true }),
  remindTo: new Words({ "to|about|about the|of|of the|that": true }),
  before: new Words({ "before|early|earlier|ahead|in advance|beforehand": true }),
  daysBefore: new Words({ "the day before|on the day before": 1, "the week before": 7 }),
  marks: new Words({ start: "start", due: "due" }),
  plainOn: set("on"),
  priorities: new Map(Object.entries<Priority>({
    "!high": "high",
    "!1": "high",
    p1: "high",
    "!medium": "medium",
    "!2": "medium",
    p2: "medium",
    "!low": "low",
    "!3": "low",
    p3: "low",
    p4: "none",
  })),
  estimates: new Map(Object.entries({
    m: 1,
    min: 1,
    mins: 1,
    minute: 1,
    minutes: 1,
    h: 60,
    hr: 60,
    hrs: 60,
    hour: 60,
    hours: 60,
    d: 1440,
    day: 1440,
    days: 1440,
  })),
  blocking: set("after before since from between to until till than through past last except but of"),
  articles: set("the a an my our your his her their that every each"),
  beforeNames: set("black cyber good ash easter super shrove palm casual happy giving whit freaky"),
  afterWeekdays: set(`
    lunch brunch breakfast dinner supper roast tea paper papers school service mass market drinks meeting meetings
    times post edition newspaper blues motivation feeling vibes prayers league standup sync retro party session
    club night's
  `),
  beginnings: set(`
    ask book bring buy call cancel clean collect email finish fix pay phone pick prepare renew return send submit
    visit write
  `),
  counted: set(`
    mile miles km kms kilometers kilometres steps pages people times laps kg lbs hours minutes items percent floor
    anniversary birthday try attempt street avenue century euro euros dollars pounds eur usd grade place
  `),
  amounts: set(`
    pay pays paid paying refund transfer owe owes owed lend borrow give deposit withdraw donate spend spent tip
    bill invoice price cost costs budget expense expenses fee fine total amount eur usd gbp chf version ver v
    release upgrade chapter section verse psalm weigh weight score rent salary balance subscribe subscription
    groceries ticket tickets gift present
  `),
  lengths: set(`
    study work fast drive sleep flight fly course take takes last lasts run walk hike ride practice log track play
    wait spend spent total estimate need needs shift overtime trip journey film movie video charge marinate soak
    rest bake cook brew
  `),
});
