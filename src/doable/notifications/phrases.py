"""What mails of reminders and digests say, and the page on which one is rid of them: a table for each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Mailed = Literal["reminders", "digest"]
"""What comes by mail and is wanted or not."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What is said of one kind of mail: at the end of each, and on the page on which one is rid of them."""

    name: str
    """The page's heading."""
    why: str
    """`{service}` is the name of the service."""
    stop: str
    """The link, and the page's button."""
    stopped: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language."""

    code: str
    """For `lang`."""
    weekdays: tuple[str, ...]
    """From Monday on."""
    months: tuple[str, ...]
    day: str
    day_and_year: str
    time: str
    days: Mapping[int, str]
    """Days that have a name, by their distance from today."""

    reminder: str
    due: str
    start: str
    list: str
    open: str
    digest: str
    overdue: str
    today: str
    recurring: str
    more: str
    endings: Mapping[Mailed, Ending]

    def date(self, day: date, *, year: bool) -> str:
        """The day, maybe with its year."""
        form = self.day_and_year if year else self.day
        return form.format(
            weekday=self.weekdays[day.weekday()], day=day.day, month=self.months[day.month - 1], year=day.year
        )


ENGLISH: Final = Phrases(
    code="en",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day="{weekday}, {day} {month}",
    day_and_year="{weekday}, {day} {month} {year}",
    time="{time}",
    days={-1: "yesterday", 0: "today", 1: "tomorrow"},
    reminder="Reminder: {title}",
    due="Due",
    start="Start",
    list="List",
    open="Open this task",
    digest="Your tasks for {day}",
    overdue="Overdue",
    today="Today",
    recurring="Recurring",
    more="and {number} more",
    endings={
        "reminders": Ending(
            name="Reminders by e-mail",
            why="You are getting this e-mail because you asked {service} to send you reminders by e-mail.",
            stop="Stop getting reminders by e-mail",
            stopped="You will not get any more reminders by e-mail. You can turn them back on in your preferences.",
        ),
        "digest": Ending(
            name="Daily digest",
            why="You are getting this e-mail because you asked {service} for a daily digest.",
            stop="Stop getting the daily digest",
            stopped="You will not get the daily digest any more. You can turn it back on in your preferences.",
        ),
    },
)

GERMAN: Final = Phrases(
    code="de",
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    day="{weekday}, {day}. {month}",
    day_and_year="{weekday}, {day}. {month} {year}",
    time="{time} Uhr",
    days={-1: "gestern", 0: "heute", 1: "morgen"},
    reminder="Erinnerung: {title}",
    due="Fällig",
    start="Beginn",
    list="Liste",
    open="Aufgabe öffnen",
    digest="Deine Aufgaben für {day}",
    overdue="Überfällig",
    today="Heute",
    recurring="Wiederkehrend",
    more="und {number} weitere",
    endings={
        "reminders": Ending(
            name="Erinnerungen per E-Mail",
            why="Du bekommst diese E-Mail, weil du dir Erinnerungen von {service} per E-Mail schicken lässt.",
            stop="Keine Erinnerungen mehr per E-Mail",
            stopped="Du bekommst keine Erinnerungen mehr per E-Mail. In deinen Einstellungen kannst du sie wieder einschalten.",
        ),
        "digest": Ending(
            name="Tägliche Übersicht",
            why="Du bekommst diese E-Mail, weil du dir von {service} eine tägliche Übersicht schicken lässt.",
            stop="Keine tägliche Übersicht mehr",
            stopped="Du bekommst keine tägliche Übersicht mehr. In deinen Einstellungen kannst du sie wieder einschalten.",
        ),
    },
)

LANGUAGES: Final[Mapping[str, Phrases]] = {each.code: each for each in (ENGLISH, GERMAN)}


def phrases_of(language: str) -> Phrases:
    """Those of this language; English ones where only a newer server knows it."""
    return LANGUAGES.get(language, ENGLISH)
