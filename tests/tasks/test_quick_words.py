"""What quick add understands of a line, without a server: the tables that clients run too, and laws that hold for any text."""

import sys
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doable.tasks.quick.marks import Destination
from doable.tasks.quick.understanding import KINDS, LANGUAGES, Understood, understand
from doable.tasks.schemas import TaskCreate
from support.quick import TABLES, as_in_table, hostile, phrases, read, table, unseen

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"]
THURSDAY = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Europe/Berlin"))
LISTS = [Destination("1", "Home", [Destination("2", "Kitchen")])]
LEAST = {"en": 100, "de": 60}

SIGNS = [
    "#home",
    "/kitchen",
    "@a",
    "!high",
    "p1",
    "~30m",
    '"',
    "“",
    "(",
    ")",
    ",",
    ".",
    "\\#",
    "1",
    "31st",
    "24.12.",
    "9am",
    "17:30",
]
NOWS = st.builds(
    lambda day, zone: day.replace(tzinfo=ZoneInfo(zone)),
    st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2150-01-01")),
    st.sampled_from(ZONES),
)


def texts(language: str) -> st.SearchStrategy[str]:
    """Lines of words that mean something, of signs, and of anything."""
    words = sorted({phrase for each in vars_of(language) for phrase in each})
    piece = st.one_of(st.sampled_from(words), st.sampled_from(SIGNS), st.text(max_size=8))
    return st.lists(st.tuples(piece, st.sampled_from([" ", " ", "  ", ",", ""])), min_size=1, max_size=12).map(
        lambda parts: "".join(word + space for word, space in parts)[:500]
    )


def vars_of(language: str) -> list[Any]:
    words = LANGUAGES[language]
    return [getattr(getattr(words, name), "meanings", ()) for name in words.__slots__]


@pytest.mark.parametrize("language", TABLES)
def test_every_phrase_of_the_table_is_understood(language: str) -> None:
    found = table(language)
    assert len(found["phrases"]) >= LEAST[language]
    wrong = [
        (phrase, got)
        for phrase in found["phrases"]
        if (got := as_in_table(phrase, read(phrase["text"], language, found, phrase))) != phrase
    ]
    assert wrong == []


def test_forty_phrases_of_somebody_who_had_not_seen_the_grammar() -> None:
    """They were written before anybody ran them. The grammar was not changed for them: the one list has no quotation marks."""
    found = unseen()
    assert len(found["phrases"]) == 40
    wrong = [
        phrase["text"]
        for phrase in found["phrases"]
        if _in_parts(as_in_table(phrase, read(phrase["text"], "en", found, phrase))) != _in_parts(phrase)
    ]
    assert wrong == ["milk, eggs and bread saturday #Big shop"]


def _in_parts(phrase: dict[str, Any]) -> dict[str, Any]:
    """The parts of a rule have no order (RFC 5545, section 3.3.10)."""
    if "recurrence" not in phrase:
        return phrase
    recurrence = phrase["recurrence"]
    return {**phrase, "recurrence": {**recurrence, "rule": sorted(recurrence["rule"].split(";"))}}


def test_a_phrase_says_the_same_where_its_place_is() -> None:
    """What stands between the offsets is enough to understand it again."""
    compared = 0
    for language, known, phrase in phrases():
        text = phrase["text"]
        found = read(text, language, known, phrase)
        dues = [each for each in found.pieces if each.kind == "due"]
        if len(dues) == 1 and "recurrence" not in found.members:
            again = read(f"Zzz {text[dues[0].start : dues[0].end]}", language, known, phrase)
            assert again.members == {"title": "Zzz", "due": found.members["due"]}, text
            compared += 1
    assert compared > 100


def test_what_a_task_takes_is_made_of_it() -> None:
    for language, known, phrase in phrases():
        members = dict(read(phrase["text"], language, known, phrase).members)
        for name in ("list_id", "section_id"):  # they are names here
            members.pop(name, None)
        assert TaskCreate.model_validate(members).model_dump(exclude_unset=True, exclude_defaults=True)


def kept(text: str) -> str:
    """What no title loses: all but white space, punctuation between parts, and the backslashes of escapes."""
    return "".join(each for each in text if not each.isspace() and each not in "\\,;:-\N{EN DASH}\N{EM DASH}()[]")


def assert_nothing_is_lost(text: str, found: Understood) -> None:
    rest, place = "", 0
    for piece in found.pieces:
        assert place <= piece.start < piece.end <= len(text)
        said = text[piece.start : piece.end]
        assert said == said.strip()
        rest, place = rest + text[place : piece.start], piece.end
    assert kept(rest + text[place:]) == kept(found.members["title"])


@pytest.mark.parametrize("language", TABLES)
def test_any_line_is_understood_somehow(language: str) -> None:
    @given(texts(language), NOWS, st.sampled_from(["monday", "saturday", "sunday"]))
    @example("every day starting 2200-12-31", THURSDAY, "monday")
    @example("a \N{MODIFIER LETTER APOSTROPHE} b", THURSDAY, "monday")
    @example("a every 31st for 999 years", THURSDAY, "monday")
    @example('a \\# every! monday “ " 1/1/1 ٣pm', THURSDAY, "sunday")
    def law(text: str, now: datetime, week: str) -> None:
        found = understand(text, now=now, language=language, week_starts_on=week, lists=LISTS)
        again = understand(text, now=now, language=language, week_starts_on=week, lists=LISTS)
        assert found == again
        assert_nothing_is_lost(text, found)
        assert {piece.kind for piece in found.pieces} <= KINDS
        for moment in (found.members.get("due"), found.members.get("start")):
            if moment is not None:
                assert 1970 <= int(moment["date"][:4]) <= 2200
        plain = understand(text, now=now, language=language, lists=LISTS, kinds=KINDS - {"recurrence", "reminder"})
        assert {"recurrence", "reminders"}.isdisjoint(plain.members)
        assert_nothing_is_lost(text, plain)
        if text and min(text) >= " " and len(found.members["title"]) <= 200 and not text.isspace():
            # Whether a rule has another date, the server asks besides.
            others = {"list_id", "section_id", "recurrence"}
            TaskCreate.model_validate({name: value for name, value in found.members.items() if name not in others})

    law()


@given(NOWS, st.integers(1, 300))
def test_days_and_hours_are_counted_across_every_change_of_clocks(now: datetime, number: int) -> None:
    def due(text: str) -> datetime:
        moment = understand(f"See {text}", now=now).members["due"]
        return datetime.fromisoformat(f"{moment['date']}T{moment['time'] or '00:00:00'}")

    midnight = datetime.combine(now.date(), time())
    assert due("tomorrow") == midnight + timedelta(days=1)
    assert due(f"in {number} days") == midnight + timedelta(days=number)
    elapsed = now.replace(second=0, microsecond=0).astimezone(UTC) + timedelta(hours=number)
    assert due(f"in {number} hours") == elapsed.astimezone(now.tzinfo).replace(tzinfo=None)
    at = due("at 17:30")
    assert (at.time(), at.date() - now.date()) == (time(17, 30), timedelta(days=now.time() > time(17, 30)))
    friday = due("friday")
    assert (friday.weekday(), friday - midnight < timedelta(days=7)) == (4, True)


@given(NOWS, st.integers(1, 31))
def test_the_last_days_of_a_month_are_clamped(now: datetime, number: int) -> None:
    ending = {1: "st", 21: "st", 31: "st", 2: "nd", 22: "nd", 3: "rd", 23: "rd"}.get(number, "th")
    found = understand(f"a every {number}{ending}", now=now).members
    date = datetime.fromisoformat(found["due"]["date"])
    assert timedelta() <= date.date() - now.date() <= timedelta(days=31)
    is_last = (date + timedelta(days=1)).month != date.month
    assert date.day == number or (date.day < number and is_last)
    assert ("BYSETPOS=-1" in found["recurrence"]["rule"]) == (number > 28)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Pay rent every month", "Pay rent every month"),
        ("Gym every monday at 7am until Dec 24 #home", "Gym every monday at 7am until Dec 24"),
        ("Meet Ann tomorrow remind 30 min before", "Meet Ann remind 30 min before"),
        ("Standup tomorrow every day", "Standup every day"),
        ("Pay rent every month on friday at 9", "Pay rent every month on friday at 9"),
        ("Pay rent every month friday, call Bob", "Pay rent every month friday, call Bob"),
        ("Pills remind at 8am", "Pills remind at 8am"),
    ],
)
def test_what_tasks_do_not_have_stays_in_the_title_with_its_dates(text: str, title: str) -> None:
    found = understand(text, now=THURSDAY, lists=LISTS, kinds=KINDS - {"recurrence", "reminder"})
    assert found.members["title"] == title
    assert ("due" in found.members) == ("tomorrow" in text)


def test_offsets_count_code_points() -> None:
    text = "🎂👨‍👩‍👧 Zoë @ça tomorrow"
    (tag, due) = understand(text, now=THURSDAY).pieces
    assert (text[tag.start : tag.end], text[due.start : due.end]) == ("@ça", "tomorrow")
    assert tag.value == "ça"


def test_a_section_is_one_of_the_list_that_is_named_or_given() -> None:
    lists = [*LISTS, Destination("3", "Work", [Destination("4", "Kitchen")])]
    assert "section_id" not in understand("a /kitchen", now=THURSDAY, lists=lists).members
    assert understand("a /kitchen", now=THURSDAY, lists=lists, list_id="3").members["section_id"] == "4"
    both = understand("a /kitchen #home", now=THURSDAY, lists=lists, list_id="3").members
    assert (both["list_id"], both["section_id"]) == ("1", "2")


def test_the_week_begins_when_the_user_says() -> None:
    def due(text: str, week: str) -> str:
        return str(understand(f"a {text}", now=THURSDAY, week_starts_on=week).members["due"]["date"])

    assert [due("next week", each) for each in ("monday", "saturday", "sunday")] == [
        "2026-11-30",
        "2026-11-28",
        "2026-11-29",
    ]
    assert due("end of week", "sunday") == "2026-11-28"
    two_days = understand("a every 2 weeks on mon and thu", now=THURSDAY, week_starts_on="sunday").members
    assert two_days["recurrence"]["rule"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=SU"


def calls(text: str, language: str) -> int:
    """The number of functions that understanding it calls: the same each time, as no clock is."""
    number = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal number
        number += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        understand(text, now=THURSDAY, language=language, lists=LISTS)
    finally:
        sys.setprofile(before)
    return number


@pytest.mark.parametrize("language", TABLES)
def test_no_line_takes_longer_than_its_length(language: str) -> None:
    """A usual line calls some 600 functions in 0.1 ms. What grew with the square of its length would be far beyond this."""
    for text in hostile():
        whole = calls(text, language)
        assert whole < 40_000, text[:20]
        assert whole < 2.6 * calls(text[:250], language) + 500, text[:20]
