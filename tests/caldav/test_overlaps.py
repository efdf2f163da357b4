"""The tables of RFC 4791, 9.9: each row at each of its bounds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doable.caldav import overlaps
from doable.caldav.filters import TimeRange


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, 1, hour, minute, tzinfo=UTC)


NOON = TimeRange(at(12), at(13))
BEFORE = TimeRange(None, at(12))
AFTER = TimeRange(at(12), None)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "is_in"),
    [
        # DTSTART and DURATION
        ({"start": at(10), "lasts": HOUR}, False),
        ({"start": at(11), "lasts": HOUR}, True),  # start <= DTSTART+DURATION: its end is enough
        ({"start": at(12, 59), "lasts": HOUR}, True),
        ({"start": at(13), "lasts": HOUR}, False),
        ({"start": at(13), "lasts": timedelta()}, True),  # end >= DTSTART+DURATION
        ({"start": at(13, 1), "lasts": timedelta()}, False),
        ({"start": at(9), "lasts": 9 * HOUR}, True),
        # DTSTART and DUE
        ({"start": at(11), "due": at(12)}, False),  # start < DUE: its end is not enough
        ({"start": at(11), "due": at(12, 1)}, True),
        ({"start": at(12), "due": at(12)}, True),  # start <= DTSTART
        ({"start": at(13), "due": at(14)}, False),
        ({"start": at(13), "due": at(13)}, True),  # end >= DUE
        ({"start": at(9), "due": at(20)}, True),
        # DTSTART alone
        ({"start": at(11, 59)}, False),
        ({"start": at(12)}, True),
        ({"start": at(13)}, False),
        # DUE alone
        ({"due": at(12)}, False),  # start < DUE
        ({"due": at(12, 1)}, True),
        ({"due": at(13)}, True),  # end >= DUE
        ({"due": at(13, 1)}, False),
        # COMPLETED and CREATED
        ({"created": at(10), "completed": at(11)}, False),
        ({"created": at(10), "completed": at(14)}, True),
        ({"created": at(14), "completed": at(15)}, False),
        ({"created": at(13), "completed": at(15)}, True),
        ({"created": at(10), "completed": at(12)}, True),
        # COMPLETED alone
        ({"completed": at(11, 59)}, False),
        ({"completed": at(12)}, True),
        ({"completed": at(13)}, True),
        ({"completed": at(13, 1)}, False),
        # CREATED alone
        ({"created": at(9)}, True),
        ({"created": at(12, 59)}, True),
        ({"created": at(13)}, False),
        # nothing
        ({}, True),
        # what has dates is not asked when it was made
        ({"due": at(14), "created": at(12), "completed": at(12)}, False),
    ],
)
def test_todos(said: dict[str, Any], *, is_in: bool) -> None:
    assert overlaps.todo(NOON, **said) is is_in


@pytest.mark.parametrize(
    ("said", "is_in"),
    [
        ({"start": at(11), "end": at(12)}, False),
        ({"start": at(11), "end": at(12, 1)}, True),
        ({"start": at(13), "end": at(14)}, False),
        ({"start": at(12, 59), "end": at(14)}, True),
        ({"start": at(11), "lasts": HOUR}, False),
        ({"start": at(11, 1), "lasts": HOUR}, True),
        ({"start": at(13), "lasts": HOUR}, False),
        ({"start": at(12), "lasts": timedelta()}, True),
        ({"start": at(11, 59), "lasts": timedelta()}, False),
        ({"start": at(13), "lasts": timedelta()}, False),
        ({"start": at(12)}, True),
        ({"start": at(11, 59)}, False),
        ({"start": at(13)}, False),
        ({"start": at(0), "is_day": True}, True),
        ({"start": at(0) - 24 * HOUR, "is_day": True}, False),
        ({"start": at(13), "is_day": True}, False),
    ],
)
def test_events(said: dict[str, Any], *, is_in: bool) -> None:
    assert overlaps.event(NOON, **said) is is_in


@pytest.mark.parametrize(
    ("said", "is_in"),
    [
        ({"start": None}, False),
        ({"start": at(12)}, True),
        ({"start": at(11, 59)}, False),
        ({"start": at(13)}, False),
        ({"start": at(0), "is_day": True}, True),
        ({"start": at(0) - 24 * HOUR, "is_day": True}, False),
    ],
)
def test_journals(said: dict[str, Any], *, is_in: bool) -> None:
    assert overlaps.journal(NOON, **said) is is_in


def test_free_busy() -> None:
    assert overlaps.free_busy(NOON, at(10), at(12))  # start <= DTEND
    assert not overlaps.free_busy(NOON, at(10), at(11))
    assert not overlaps.free_busy(NOON, at(13), at(14))
    assert not overlaps.period(NOON, at(10), at(12))  # start < the end of a period
    assert overlaps.period(NOON, at(10), at(12, 1))


def test_alarms_and_properties() -> None:
    assert overlaps.instant(NOON, at(12))
    assert not overlaps.instant(NOON, at(13))
    assert not overlaps.instant(NOON, at(11, 59))


def test_ranges_without_an_end_or_a_beginning() -> None:
    assert overlaps.todo(BEFORE, due=at(12))
    assert not overlaps.todo(BEFORE, due=at(12, 1))
    assert overlaps.todo(AFTER, due=at(12, 1))
    assert not overlaps.todo(AFTER, due=at(12))
    assert overlaps.event(AFTER, start=at(12))
    assert not overlaps.event(BEFORE, start=at(12))


def test_at_the_end_of_all_years() -> None:
    last = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
    assert overlaps.event(AFTER, start=last, lasts=HOUR)
    assert overlaps.todo(AFTER, start=last, lasts=HOUR)
