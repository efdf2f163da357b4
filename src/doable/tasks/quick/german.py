"""Quick add in German."""

from typing import Final

from doable.tasks.quick.english import ENGLISH
from doable.tasks.quick.language import Language, PartOfDay
from doable.tasks.quick.text import Words

DAYS_OF_WEEK: Final = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")

_ORDINALS: Final = ("erst", "zweit", "dritt", "viert", "fünft", "sechst", "siebt", "acht", "neunt", "zehnt")
_ENDINGS: Final = ("e", "en", "er", "es", "em")
_PARTS: Final[dict[str, PartOfDay]] = {
    "morgen": "morning",
    "früh": "morning",
    "vormittag": "morning",
    "mittag": "noon",
    "nachmittag": "afternoon",
    "abend": "evening",
    "nacht": "night",
}


def _inflected(*stems: str) -> str:
    return "|".join(f"{stem}{ending}" for stem in stems for ending in _ENDINGS)


GERMAN: Final = Language(
    # All nouns have a capital letter.
    is_capitalising=False,
    is_month_first=False,
    is_24_hours=True,
    has_adjectives=False,
    days=Words({"heute": 0, "morgen": 1, "übermorgen": 2}),
    tonight=Words({}),
    weekdays=Words({**{name: number for number, name in enumerate(DAYS_OF_WEEK)}, "sonnabend": 5}),
    short_weekdays=Words({"mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6}),
    on_weekdays=Words({**{f"{name}s": number for number, name in enumerate(DAYS_OF_WEEK)}, "sonnabends": 5}),
    weekday_parts=Words(
        {
            f"{day}{part}": (number, meaning)
            for number, day in enumerate(DAYS_OF_WEEK)
            for part, meaning in _PARTS.items()
        }
    ),
    months=Words(
        {
            "januar|jänner|jan": 1,
            "februar|feber|feb": 2,
            "märz|mär|mrz": 3,
            "april|apr": 4,
            "mai": 5,
            "juni|jun": 6,
            "juli|jul": 7,
            "august|aug": 8,
            "september|sept|sep": 9,
            "oktober|okt": 10,
            "november|nov": 11,
            "dezember|dez": 12,
        }
    ),
    units=Words(
        {
            "tag|tage|tagen": "day",
            "woche|wochen": "week",
            "monat|monate|monaten|monats": "month",
            "jahr|jahre|jahren|jahres": "year",
        }
    ),
    minutes=Words({"minute|minuten|min": 1, "stunde|stunden|std|h": 60}),
    fractions=Words(
        {
            "einer halben stunde|eine halbe stunde|halbe stunde|ner halben stunde": 30,
            "anderthalb stunden|eineinhalb stunden": 90,
            "einer viertelstunde|eine viertelstunde": 15,
            "einer dreiviertelstunde|eine dreiviertelstunde": 45,
        }
    ),
    numbers=Words(
        {
            "ein|eine|einer|einem|einen|eins": 1,
            "zwei|zwo": 2,
            "drei": 3,
            "vier": 4,
            "fünf": 5,
            "sechs": 6,
            "sieben": 7,
            "acht": 8,
            "neun": 9,
            "zehn": 10,
            "elf": 11,
            "zwölf": 12,
            "vierzehn": 14,
        }
    ),
    ordinals=Words(
        {
            **{_inflected(stem): number for number, stem in enumerate(_ORDINALS, start=1)},
            _inflected("fünfzehnt"): 15,
            _inflected("letzt"): -1,
        }
    ),
    ordinal_endings=frozenset(),
    has_ordinal_dot=True,
    next=Words({_inflected("nächst"): True}),
    this=Words({_inflected("dies", "kommend"): True}),
    weekend=Words({"wochenende|we": True}),
    end_of=Words({"ende|ende der|ende des|ende dieser|ende dieses": True}),
    ends=Words({"monatsende": "month", "jahresende": "year"}),
    in_=Words({"in": True}),
    from_now=Words({}),
    on=Words({"am|bis|bis zum|bis zur|bis am|zum|für den|an": "on", "für|den|dem|der": "the"}),
    at=Words({"um|gegen|ab|so um": "at", "bis|bis um": "by", "für": "for"}),
    in_the=Words({"am|in der|bis zum|zum": False, _inflected("dies"): True}),
    and_=Words({"und": True}),
    of=Words({"des": True}),
    parts=Words(_PARTS),
    adverbial_parts=Words(
        {
            "morgens|frühmorgens|vormittags": "morning",
            "mittags": "noon",
            "nachmittags": "afternoon",
            "abends": "evening",
            "nachts": "night",
        }
    ),
    clock_words=Words({"mitternacht": 0, "zu mittag": 12}),
    is_pm=Words({}),
    o_clock=Words({"uhr": True}),
    past=Words({"halb": -30, "viertel nach": 15, "viertel vor": -15, "zehn nach": 10, "zehn vor": -10}),
    every=Words({f"{_inflected('jed')}|alle": True}),
    other=Words({_inflected("zweit"): 2}),
    adverbs=Words(
        {
            "täglich": (1, "day"),
            "wöchentlich": (1, "week"),
            "zweiwöchentlich|vierzehntäglich|vierzehntägig": (2, "week"),
            "monatlich": (1, "month"),
            "vierteljährlich|quartalsweise": (3, "month"),
            "halbjährlich": (6, "month"),
            "jährlich": (1, "year"),
        }
    ),
    every_set=Words({"werktag|arbeitstag|wochentag": (0, 1, 2, 3, 4), "wochenende": (5,)}),
    sets=Words({"werktags|wochentags|an werktagen|unter der woche": (0, 1, 2, 3, 4)}),
    workday=Words({"werktag|arbeitstag": True}),
    quarter=Words({"quartal|vierteljahr": True}),
    of_every_month=Words(
        {
            "jeden monats|jedes monats|jeden monat|in jedem monat|eines jeden monats|jedes monates|in einem jeden monat": True
        }
    ),
    of_the_month=Words({"im monat|des monats|eines monats": True}),
    until=Words({"bis|bis zum|bis einschließlich": True}),
    for_=Words({"für": True}),
    times=Words({"mal": True}),
    starting=Words({"ab|ab dem|beginnend am|beginnend ab|von|vom|startend am": True}),
    remind=Words(
        {
            "erinnere|erinnerung|erinnern": False,
            "erinnere mich|erinner mich|erinnere mich bitte|erinner mich bitte|bitte erinnere mich|mit erinnerung": True,
        }
    ),
    remind_to=Words({"an|an den|an die|an das|ans|an einen|an eine|an ein|daran": True}),
    before=Words({"vorher|davor|früher|zuvor|im voraus": True}),
    days_before=Words({"am tag davor|am tag vorher|am tag zuvor|am vortag": 1, "in der woche davor": 7}),
    marks=Words({"start|beginn": "start", "fällig": "due"}),
    plain_on=frozenset({"am"}),
    priorities={**ENGLISH.priorities, "!hoch": "high", "!mittel": "medium", "!niedrig": "low"},
    estimates={**ENGLISH.estimates, "std": 60, "stunde": 60, "stunden": 60, "minuten": 1, "tag": 1440, "tage": 1440},
    blocking=frozenset(
        [
            "guten",
            "schoenen",
            "ausser",
            "nach",
            "vor",
            "seit",
            "von",
            "vom",
            "ab",
            "zwischen",
            "auf",
            "als",
            "letzten",
            "letzte",
            "letzter",
        ]
    ),
    articles=frozenset(["der", "die", "das", "mein", "meine", "unser", "unsere", "jener"]),
    before_names=frozenset(["schwarzer", "black", "cyber", "weisser"]),
    after_weekdays=frozenset(),
    beginnings=frozenset(),
    counted=frozenset(
        [
            "advent",
            "geburtstag",
            "hochzeitstag",
            "jahrestag",
            "stock",
            "platz",
            "versuch",
            "klasse",
            "kilometer",
            "km",
            "kg",
            "gramm",
            "liter",
            "prozent",
            "seiten",
            "stunden",
            "minuten",
            "euro",
            "eur",
        ]
    ),
    amounts=frozenset(
        [
            "zahle",
            "zahlen",
            "zahl",
            "bezahle",
            "bezahlen",
            "bezahl",
            "ueberweise",
            "ueberweisen",
            "erstatte",
            "erstatten",
            "schulde",
            "schuldet",
            "leihe",
            "leihen",
            "gib",
            "spende",
            "spenden",
            "trinkgeld",
            "rechnung",
            "preis",
            "kostet",
            "kosten",
            "budget",
            "ausgaben",
            "gebuehr",
            "summe",
            "betrag",
            "gesamt",
            "eur",
            "usd",
            "gbp",
            "chf",
            "version",
            "kapitel",
            "abschnitt",
            "vers",
            "psalm",
            "gewicht",
            "wiege",
            "update",
            "upgrade",
            "miete",
            "gehalt",
            "kontostand",
            "abo",
            "einkauf",
            "ticket",
            "tickets",
            "geschenk",
            "strom",
        ]
    ),
    lengths=frozenset(
        [
            "lerne",
            "lernen",
            "arbeite",
            "arbeiten",
            "fasten",
            "faste",
            "fahrt",
            "fahre",
            "fahren",
            "schlafe",
            "schlafen",
            "flug",
            "fliege",
            "fliegen",
            "kurs",
            "dauert",
            "dauer",
            "laufe",
            "laufen",
            "wandern",
            "gehen",
            "ueben",
            "uebe",
            "spiele",
            "spielen",
            "warte",
            "warten",
            "insgesamt",
            "gesamt",
            "brauche",
            "braucht",
            "schicht",
            "ueberstunden",
            "reise",
            "film",
            "video",
            "laden",
            "marinieren",
            "ruhen",
            "ziehen",
            "einweichen",
            "backen",
            "kochen",
        ]
    ),
)
