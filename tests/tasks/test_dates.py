"""Dates, times and zones, as functions: what is stored of them, and what is read again."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable import clock
from doable.clock import timezones
from doable.database.types import instant_to_text
from doable.errors import MomentIncomplete
from doable.tasks import dates, priorities
from doable.tasks.schemas import TaskCreate, TaskPatch, TaskUpdate

Thing = dict[str, Any]

NAMES: Final = st.sampled_from(["due", "start"])
DAYS: Final = st.dates(date(1970, 1, 1), date(2200, 12, 31)).map(date.isoformat)
TIMES: Final = st.times().map(lambda each: each.isoformat("seconds"))
ZONES: Final = st.sampled_from(sorted(timezones()))
MOMENTS: Final = st.one_of(
    st.fixed_dictionaries({"date": DAYS}),
    st.fixed_dictionaries({"date": DAYS, "time": TIMES}),
    st.fixed_dictionaries({"date": DAYS, "time": TIMES, "timezone": ZONES}),
)
PATCHES: Final = st.fixed_dictionaries(
    {}, optional={"date": DAYS, "time": st.none() | TIMES, "timezone": st.none() | ZONES}
)

CHANGING: Final = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca")
"""Zones with a change of clocks in most years, one of half an hour and one for Ramadan among them."""


def written(name: str, moment: Thing | None, old: Mapping[str, Any] | None = None, by: Any = TaskUpdate) -> Thing:
    """The columns, after `due` or `start` was sent so."""
    body = by.model_validate({"title": "a", name: moment}).model_dump(exclude_unset=True)
    return dates.stored(name, body[name], old)


def read(name: str, row: Mapping[str, Any]) -> Thing | None:
    """What of these columns goes over the wire."""
    local, at = row[f"{name}_local"], row[f"{name}_at"]
    if local is None:
        return None
    return {**dates.sent(local, row[f"{name}_timezone"], None if at is None else instant_to_text(at))}


@contextmanager
def server_in(zone: str) -> Iterator[None]:
    """This process as one on a machine in that zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


@given(NAMES, DAYS, st.lists(st.tuples(ZONES, st.sampled_from([TaskUpdate, TaskPatch])), max_size=4))
def test_a_whole_day_stays_that_day(name: str, day: str, writers: list[tuple[str, Any]]) -> None:
    row = written(name, {"date": day}, by=TaskCreate)
    for zone, by in writers:
        with server_in(zone):
            found = read(name, row)
            assert found == {"date": day, "time": None, "timezone": None, "at": None}
            again = written(name, found, row, by)
        assert again == row


@given(NAMES, MOMENTS, ZONES, st.sampled_from([TaskUpdate, TaskPatch]))
def test_what_is_read_can_be_written_back(name: str, moment: Thing, zone: str, by: Any) -> None:
    row = written(name, moment, by=TaskCreate)
    with server_in(zone):
        found = read(name, row)
        assert found is not None
        assert {key: found[key] for key in moment} == moment
        assert written(name, found, row, by) == row


@given(NAMES, MOMENTS, st.lists(PATCHES, max_size=5))
def test_a_patch_is_the_whole_that_it_makes(name: str, moment: Thing, patches: list[Thing]) -> None:
    """The merge of RFC 7396, but that a whole day has no zone."""
    row = written(name, moment, by=TaskCreate)
    for patch in patches:
        whole = {**(read(name, row) or {}), **patch}
        if whole["time"] is None and patch.get("timezone") is None:
            whole["timezone"] = None
        if whole["time"] is None and whole["timezone"] is not None:
            for sent, by in ((whole, TaskUpdate), (patch, TaskPatch)):
                with pytest.raises(MomentIncomplete) as raised:
                    written(name, sent, row, by)
                assert raised.value.where == ("body", name, "timezone")
            continue
        expected = written(name, whole, row)
        row = written(name, patch, row, TaskPatch)
        assert row == expected


@pytest.mark.parametrize("name", ["due", "start"])
def test_null_clears(name: str) -> None:
    row = written(name, {"date": "2026-12-01", "time": "09:00", "timezone": "Europe/Berlin"})
    nothing = {f"{name}_local": None, f"{name}_timezone": None, f"{name}_at": None}
    for by in (TaskUpdate, TaskPatch):
        assert written(name, None, row, by) == nothing
    assert read(name, nothing) is None


@pytest.mark.parametrize("patch", [{}, {"time": "10:00"}, {"time": "10:00", "timezone": "UTC"}, {"timezone": None}])
def test_a_patch_of_nothing_needs_a_date(patch: Thing) -> None:
    for old in (None, written("due", None)):
        with pytest.raises(MomentIncomplete) as raised:
            written("due", patch, old, TaskPatch)
        assert raised.value.where == ("body", "due", "date")


def test_what_is_due_on_a_day_sorts_behind_its_times_and_what_begins_on_it_before_them() -> None:
    def local(name: str, time: str | None) -> str:
        text: str = written(name, {"date": "2026-12-01", "time": time})[f"{name}_local"]
        return text

    assert sorted([None, "23:59:59", "00:00"], key=lambda each: local("due", each)) == ["00:00", "23:59:59", None]
    assert sorted(["23:59:59", "00:00", None], key=lambda each: local("start", each)) == [None, "00:00", "23:59:59"]
    assert local("due", None) < "2026-12-02"


@pytest.mark.parametrize(
    ("local", "zone", "at"),
    [
        ("2027-03-28T01:59:59", "Europe/Berlin", "2027-03-28T00:59:59"),
        ("2027-03-28T02:30:00", "Europe/Berlin", "2027-03-28T01:30:00"),  # 03:30+02:00
        ("2027-03-28T03:00:00", "Europe/Berlin", "2027-03-28T01:00:00"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00"),  # the first
        ("2026-10-25T03:00:00", "Europe/Berlin", "2026-10-25T02:00:00"),
        ("2027-03-14T02:30:00", "America/New_York", "2027-03-14T07:30:00"),  # the example of the RFC, in another year
        ("2026-10-04T02:15:00", "Australia/Lord_Howe", "2026-10-03T15:45:00"),  # clocks change by half an hour
        ("2011-12-30T12:00:00", "Pacific/Apia", "2011-12-30T22:00:00"),  # this day was left out
        ("1970-01-01T00:00:00", "Pacific/Kiritimati", "1970-01-01T10:40:00"),
        ("2200-12-31T23:59:59", "Etc/GMT+12", "2201-01-01T11:59:59"),
    ],
)
def test_a_change_of_clocks(local: str, zone: str, at: str) -> None:
    day, _, time = local.partition("T")
    row = written("due", {"date": day, "time": time, "timezone": zone})
    assert row["due_at"] == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert (row["due_local"], row["due_timezone"]) == (local, zone)


@cache
def changes_of_clocks(zone: str, year: int) -> list[datetime]:
    """The instants of a year at which the zone has another offset than an hour before."""
    here = ZoneInfo(zone)
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in range(366 * 24)]
    offsets = [hour.astimezone(here).utcoffset() for hour in hours]
    return [hours[each] for each in range(1, len(hours)) if offsets[each] != offsets[each - 1]]


@given(
    st.sampled_from(CHANGING).flatmap(
        lambda zone: st.tuples(st.just(zone), st.sampled_from(changes_of_clocks(zone, 2026)))
    ),
    st.integers(-4 * 3600, 4 * 3600),
)
def test_near_a_change_of_clocks(changes: tuple[str, datetime], seconds: int) -> None:
    """RFC 5545, section 3.3.5, told in another way than by `fold`: by the instants that show a local time."""
    zone, change = changes
    here = ZoneInfo(zone)
    local = change.astimezone(here).replace(tzinfo=None) + timedelta(seconds=seconds)
    at = clock.instant(local.isoformat(), zone)
    before, after = ((change + timedelta(hours=each)).astimezone(here).utcoffset() for each in (-1, 1))
    possible = sorted((local - each).replace(tzinfo=UTC) for each in (before, after) if each is not None)
    show_it = [each for each in possible if each.astimezone(here).replace(tzinfo=None) == local]
    if show_it:
        assert at == show_it[0]
    else:
        assert before is not None
        assert at == (local - before).replace(tzinfo=UTC)


@given(
    st.sampled_from(CHANGING).flatmap(
        lambda zone: st.tuples(st.just(zone), st.sampled_from(changes_of_clocks(zone, 2026)))
    ),
    st.integers(-4 * 3600, 4 * 3600),
)
def test_what_a_clock_has_shown_stays_shown(changes: tuple[str, datetime], seconds: int) -> None:
    zone, change = changes
    at = change + timedelta(seconds=seconds)
    here, before = (
        each.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for each in (at, change - timedelta(seconds=1))
    )
    assert dates.latest_shown(at, zone) == (max(here, before) if seconds >= 0 else here)


def test_the_zones_are_pythons() -> None:
    """But for what a machine's administrator has set, and for those that a newer or older system has."""
    found = available_timezones()
    assert "localtime" not in timezones()
    assert len(found - timezones() - {"localtime", "posixrules"}) < 5
    assert {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC", "Etc/GMT+12"} <= timezones()


def test_every_zone_has_rules() -> None:
    for zone in timezones():
        assert clock.instant("2026-12-01T12:00:00", zone).tzinfo is UTC


def test_a_zone_that_only_a_newer_server_knows_is_named() -> None:
    row = {"due_local": "2026-12-01T09:00:00", "due_timezone": "Mars/Olympus_Mons", "due_at": datetime.now(UTC)}
    with pytest.raises(MomentIncomplete, match="not known") as raised:
        dates.stored("due", {"time": "10:00:00"}, row)
    assert raised.value.where == ("body", "due", "timezone")
    assert dates.stored("due", {"timezone": "UTC"}, row)["due_timezone"] == "UTC"


@pytest.mark.parametrize("number", range(10))
def test_a_number_of_a_band_survives_its_word(number: int) -> None:
    word = priorities.WORDS[number]
    assert priorities.number(word, number) == number
    others = {each: priorities.number(each, number) for each in ("none", "low", "medium", "high") if each != word}
    assert others == {each: {"none": 0, "low": 9, "medium": 5, "high": 1}[each] for each in others}


def test_a_new_task_has_the_number_that_stands_for_its_word() -> None:
    assert [priorities.number(each, None) for each in ("none", "high", "medium", "low")] == [0, 1, 5, 9]
