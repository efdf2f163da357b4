"""Tasks as clients put them: of three clients in turn, with what people fill in."""

import re
import uuid
from dataclasses import dataclass
from random import Random
from typing import Any, Final

ZONE: Final = "Europe/Berlin"
PRODID: Final = (
    "+//IDN tasks.org//android-130801//EN",
    "-//Apple Inc.//iOS 18.1//EN",
    "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
)
VTIMEZONE: Final = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
WHAT: Final = ("Hafermilch kaufen", "Call the bank", "Steuererklärung\\, Anlage N", "Müll rausbringen", "Read chapter")
TAGS: Final = ("home", "shop", "work", "garden", "Büro")
_SUMMARY: Final = re.compile(r"^SUMMARY(?:;[^:\r\n]*)?:([^\r\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Todo:
    """One task."""

    uid: str
    component: str
    """The VTODO alone."""
    number: int

    @property
    def name(self) -> str:
        """Of its resource."""
        return f"{self.uid}.ics"

    @property
    def text(self) -> str:
        """The whole object."""
        return calendar(PRODID[self.number % 3], self.component)


def calendar(prodid: str, components: str) -> str:
    """These in a VCALENDAR, with the time zone if one of them names it."""
    zone = VTIMEZONE.replace("\n", "\r\n") if "TZID=" in components else ""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{prodid}\r\n{zone}{components}END:VCALENDAR\r\n"


def todos(count: int, seed: int = 17) -> list[Todo]:
    """So many, always the same: a third completed, a third with a time, some recurring, with a parent, or with an alarm."""
    random = Random(seed)  # noqa: S311 - no secret
    made: list[Todo] = []
    for number in range(count):
        uid = str(uuid.UUID(int=random.getrandbits(128), version=4))
        parent = made[-(number % 7)].uid if number % 7 in {1, 2} else None
        lines = _lines(random, number, uid, parent)
        made.append(Todo(uid, "".join(f"{line}\r\n" for line in lines), number))
    return made


def _lines(random: Random, number: int, uid: str, parent: str | None) -> list[str]:
    day = f"{random.randint(2026, 2027)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
    due = (f"DUE;TZID={ZONE}:{day}T18{number % 60:02}00", f"DUE;VALUE=DATE:{day}", None)[number % 3]
    is_done = number % 3 == 2
    lines = {
        "UID": uid,
        "DTSTAMP": "20261101T100000Z",
        "CREATED": "20261001T081500Z",
        "LAST-MODIFIED": "20261101T100000Z",
        "SUMMARY": f"{WHAT[number % len(WHAT)]} {number}",
        "DESCRIPTION": f"Zwei Liter\\, ungesüßt\\; der von Woche {number}\\nwar schon sauer." if number % 2 else None,
        "PRIORITY": random.choice(("1", "5", "9")) if number % 4 == 0 else None,
        "CATEGORIES": ",".join(random.sample(TAGS, 2)) if number % 2 else None,
        "RRULE": "FREQ=WEEKLY;INTERVAL=2" if number % 20 == 3 and due else None,
        "STATUS": "COMPLETED" if is_done else None,
        "COMPLETED": "20261031T170000Z" if is_done else None,
        "PERCENT-COMPLETE": "100" if is_done else None,
        "RELATED-TO;RELTYPE=PARENT": parent,
        "X-APPLE-SORT-ORDER": f"{700_000_000 + number}" if number % 3 == 1 else None,
    }
    told = [f"{name}:{value}" for name, value in lines.items() if value is not None]
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT15M", "END:VALARM"]
    return ["BEGIN:VTODO", *told, *([due] if due else []), *(alarm if due and number % 9 == 0 else []), "END:VTODO"]


def task(number: int, list_id: str) -> dict[str, Any]:
    """Such a task as the API takes it."""
    month, day = number % 12 + 1, number % 28 + 1
    due: dict[str, str] = {"date": f"2127-{month:02}-{day:02}"}
    if number % 3 == 0:
        due |= {"time": "18:00", "timezone": ZONE}
    made: dict[str, Any] = {"title": f"Hafermilch kaufen {number}", "list_id": list_id}
    if number % 3 != 2:
        made["due"] = due
    if number % 2:
        made |= {"description": f"Zwei Liter, ungesüßt; der von Woche {number}\nwar schon sauer.", "tags": [*TAGS[:2]]}
    if number % 9 == 0:
        made["reminders"] = [{"offset": "-PT15M"}]
    if number % 60 == 3:
        made["recurrence"] = {"rule": "FREQ=WEEKLY;INTERVAL=2"}
    return made


def summary(text: str) -> str:
    """The SUMMARY of its VTODO, as it is written. Raises AssertionError where there is none."""
    found = _SUMMARY.search(text)
    assert found is not None, "no SUMMARY"
    return found[1]


def edited(text: str, new: str) -> str:
    """The same task with another SUMMARY, as a client puts it."""
    assert _SUMMARY.search(text) is not None, "no SUMMARY"
    return _SUMMARY.sub(f"SUMMARY:{new}", text, count=1)
