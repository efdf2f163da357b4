"""A calendar as it is sent: events, since calendar programs pass over to-dos, which leave their time free."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from pydantic_core import from_json

from doable.calendar.events import Event, event_of, later_events
from doable.calendar.repository import DESCRIPTION, MOST, DueRow
from doable.ical import text
from doable.ical.rules import Budget
from doable.tasks.recurrence import any_rule

USUAL: Final = timedelta(minutes=30)
"""How long a task with a time takes that has no estimate."""
MOST_LATER: Final = 2000
STEPS: Final = 50_000
"""How far the rules of calendar programs are followed, all of them together."""
AT_ONCE: Final = 4
"""How many one process makes at once, and of one owner a single one: one may take 30 MB, and whoever has the address may ask for many."""
TOGETHER: Final = 20
"""How many tasks or events are worked on before others have their turn: less than a millisecond."""

_DAY: Final = timedelta(days=1)
_CLOSING: Final = b"END:VCALENDAR\r\n"
_NOTHING: Final = (
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "TZNAME:UTC",
    "END:STANDARD",
    "END:VTIMEZONE",
)
"""What stands in a calendar without events: it has to have some component (section 3.6), and programs refuse one without."""


async def write(name: str, tasks: Sequence[DueRow], today: date, zone: str) -> bytes:
    """The calendar of these tasks, with this name for people. The soonest tasks come first, and all of them before later dates."""
    events = []
    for number, task in enumerate(tasks, start=1):
        events.append(event_of(task, zone))
        await _turn(number)
    events = sorted(events, key=lambda event: event.day)[:MOST]
    later: list[Event] = []
    budget = Budget(STEPS)
    for event in events:
        if event.task["recurrence"] is not None and len(later) < MOST_LATER:
            some = partial(later_events, event.task, today, zone, budget)
            # A rule of a calendar program may take its time.
            later += await asyncio.to_thread(list, some()) if any_rule.is_needed(event.task) else some()
            await asyncio.sleep(0)
    pieces = [_opening(name), *map(text.line, () if events else _NOTHING)]
    for number, event in enumerate([*events, *later], start=1):
        pieces.append(written(event))
        await _turn(number)
    return b"".join([*pieces, _CLOSING])


async def _turn(number: int) -> None:
    """Let others have their turn, after every so many."""
    if number % TOGETHER == 0:
        await asyncio.sleep(0)


def _opening(name: str) -> bytes:
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Doable//Doable//EN",
        "CALSCALE:GREGORIAN",
        # As RFC 7986 has it, and as programs know it that are older.
        f"NAME:{text.text(name)}",
        f"X-WR-CALNAME:{text.text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    )
    return b"".join(map(text.line, lines))


def written(event: Event) -> bytes:
    """A VEVENT (RFC 5545, section 3.6.1)."""
    return b"".join(map(text.line, _lines(event)))


def _lines(event: Event) -> Iterator[str]:
    task = event.task
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    # Without METHOD, DTSTAMP is when it was last written (section 3.8.7.2).
    stamp = text.instant(task["updated_at"])
    yield f"DTSTAMP:{stamp}"
    yield f"LAST-MODIFIED:{stamp}"
    yield f"CREATED:{text.instant(task['created_at'])}"
    yield from _times(event)
    yield f"SUMMARY:{text.text(task['title'])}"
    # Of a series once: else it would be most of the calendar.
    if task["description"] and not event.is_later:
        yield f"DESCRIPTION:{text.text(_shortened(task['description']))}"
    if task["tags"]:
        yield f"CATEGORIES:{','.join(map(text.text, from_json(task['tags'])))}"
    if task["url"]:
        yield f"URL:{task['url']}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _times(event: Event) -> Iterator[str]:
    if isinstance(event.start, datetime):
        minutes = event.task["estimate_minutes"]
        length = USUAL if minutes is None else timedelta(minutes=minutes)
        yield f"DTSTART:{text.instant(event.start)}"
        yield f"DTEND:{text.instant(event.start + length)}"
    else:
        yield f"DTSTART;VALUE=DATE:{text.day(event.start)}"
        yield f"DTEND;VALUE=DATE:{text.day(event.start + _DAY)}"


def _shortened(description: str) -> str:
    return description if len(description) <= DESCRIPTION else f"{description[:DESCRIPTION]}…"
