"""The text of a rule, and the dates that it has."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doable.errors import RecurrenceNever, RecurrenceUnsupported
from doable.tasks.recurrence import occurrences
from doable.tasks.recurrence.rules import WEEKDAYS, Rule, parse

EVERY_DAY = ",".join(WEEKDAYS)
EVERY_MONTH = ",".join(map(str, range(1, 13)))
EVERY_DATE = ",".join(map(str, range(1, 32)))


def day(text: str) -> date:
    return date.fromisoformat(text)


def first_dates(rule: str, anchor: str, number: int = 3) -> list[str]:
    return [f"{each}" for each in islice(occurrences.dates(parse(rule), day(anchor), day(anchor)), number)]


@pytest.mark.parametrize(
    ("rule", "anchor", "dates"),
    [
        # A missing day is skipped, and the last day is not missing.
        ("FREQ=MONTHLY", "2026-01-31", ["2026-03-31", "2026-05-31", "2026-07-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31", ["2027-01-31", "2027-03-31", "2027-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-01-31", ["2027-02-28", "2027-03-31", "2027-04-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "2027-12-31", ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-31", "2027-01-01", ["2027-03-01", "2027-05-01", "2027-07-01"]),
        ("FREQ=YEARLY", "2096-02-29", ["2104-02-29", "2108-02-29", "2112-02-29"]),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
            "2027-02-28",
            ["2028-02-29", "2029-02-28", "2030-02-28"],
        ),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29;BYDAY=MO", "2072-02-29", ["2112-02-29"]),
        # The first is a date of the rule whether the rule has it or not.
        ("FREQ=WEEKLY;BYDAY=MO", "2026-11-26", ["2026-11-30", "2026-12-07", "2026-12-14"]),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1", "2026-11-26", ["2027-01-01", "2027-03-01", "2027-05-01"]),
        # RFC 5545, 3.8.5.3: the week begins on another day.
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", "1997-08-05", ["1997-08-10", "1997-08-19", "1997-08-24"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "1997-08-05", ["1997-08-17", "1997-08-19", "1997-08-31"]),
        # Positions are those in the whole week, also in the one of the anchor.
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=2", "2026-11-25", ["2026-12-01", "2026-12-08", "2026-12-15"]),
        ("FREQ=WEEKLY;BYDAY=SU,MO;WKST=SU;BYSETPOS=-1", "2026-11-26", ["2026-11-30", "2026-12-07", "2026-12-14"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-30", ["2026-12-31", "2027-01-29", "2027-02-26"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=15", "2026-11-20", ["2026-12-21", "2027-01-21", "2027-02-19"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-11-13", ["2027-08-13", "2028-10-13", "2029-04-13"]),
        ("FREQ=MONTHLY;BYDAY=5MO", "2026-11-30", ["2027-03-29", "2027-05-31", "2027-08-30"]),
        # What dateutil finds nothing for.
        ("FREQ=MONTHLY;BYDAY=-2FR,MO", "2026-11-26", ["2026-11-30", "2026-12-07", "2026-12-14"]),
        ("FREQ=DAILY;BYDAY=MO,TU;BYSETPOS=-1", "2026-11-26", ["2026-11-30", "2026-12-01", "2026-12-07"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-11-26", ["2027-11-25", "2028-11-23", "2029-11-22"]),
        ("FREQ=YEARLY;BYMONTH=6,1", "2026-01-31", ["2027-01-31", "2028-01-31", "2029-01-31"]),
        ("FREQ=YEARLY;INTERVAL=100", "2000-02-28", ["2100-02-28"]),
        ("FREQ=DAILY;INTERVAL=999", "2199-01-01", []),
        ("FREQ=DAILY", "2200-12-30", ["2200-12-31"]),
        (f"FREQ=YEARLY;BYMONTH={EVERY_MONTH};BYDAY={EVERY_DAY};BYSETPOS=366", "2026-01-01", ["2028-12-31"]),
    ],
)
def test_the_first_dates_of_a_rule(rule: str, anchor: str, dates: Sequence[str]) -> None:
    assert first_dates(rule, anchor, len(dates) or 1) == [*dates]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "INTERVAL=2",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;",
        "FREQ=DAILY; INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DA\u0131LY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=\u0662",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=1001",
        "FREQ=DAILY;COUNT=2;UNTIL=20271231",
        "FREQ=DAILY;UNTIL=2027-12-31",
        "FREQ=DAILY;UNTIL=20270229",
        "FREQ=DAILY;UNTIL=00000101",
        "FREQ=DAILY;UNTIL=20271231T240000",
        "FREQ=DAILY;UNTIL=20271231T126000Z",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;BYMONTHDAY=1",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=MO,,TU",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;WKST=1",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTH=1",
        f"FREQ=MONTHLY;BYMONTHDAY={EVERY_DATE},1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
        "FREQ=YEARLY;BYDAY=MO",
        "FREQ=YEARLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=YEARLY;BYYEARDAY=1",
        "FREQ=YEARLY;BYWEEKNO=1",
        f"FREQ=WEEKLY;BYDAY={','.join(['MO'] * 32)}",
        f"FREQ=DAILY;INTERVAL={'0' * 250}1",
    ],
)
def test_any_other_rule_is_unsupported(rule: str) -> None:
    with pytest.raises(RecurrenceUnsupported):
        parse(rule)


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;WKST=SU", "FREQ=MONTHLY;BYMONTHDAY=1"])
def test_from_completion_on_there_are_no_days_to_choose(rule: str) -> None:
    parse(rule)
    with pytest.raises(RecurrenceUnsupported):
        parse(rule, from_completion=True)


@pytest.mark.parametrize(
    ("rule", "anchor"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-11-26"),
        ("FREQ=YEARLY;BYMONTH=2,4,6,9,11;BYMONTHDAY=31", "2026-11-26"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "2026-02-01"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=5MO", "2026-11-26"),
        (f"FREQ=MONTHLY;BYDAY={EVERY_DAY};BYSETPOS=32", "2026-11-26"),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=2", "2026-11-26"),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3", "2026-11-26"),
        ("FREQ=MONTHLY;INTERVAL=501", "2026-11-26"),
        ("FREQ=YEARLY;INTERVAL=101", "2026-11-26"),
        ("FREQ=YEARLY;INTERVAL=100", "2101-11-26"),
        # 29 February of centuries: 2100 and 2200 have none.
        ("FREQ=YEARLY;INTERVAL=100", "2000-02-29"),
        ("FREQ=DAILY", "2200-12-31"),
        ("FREQ=DAILY;COUNT=1", "2200-12-31"),
    ],
)
def test_a_rule_that_has_no_other_date_is_refused(rule: str, anchor: str) -> None:
    with pytest.raises(RecurrenceNever):
        occurrences.check(parse(rule), day(anchor), from_completion=False)


@pytest.mark.parametrize(
    ("rule", "anchor"), [("FREQ=MONTHLY;INTERVAL=501", "2026-11-26"), ("FREQ=DAILY;INTERVAL=2", "2200-12-30")]
)
def test_nor_has_one_from_completion_on(rule: str, anchor: str) -> None:
    with pytest.raises(RecurrenceNever):
        occurrences.check(parse(rule, from_completion=True), day(anchor), from_completion=True)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=MO;COUNT=1000",
        f"FREQ=MONTHLY;BYDAY={EVERY_DAY};BYSETPOS=32,-32;COUNT=1000",
        f"FREQ=YEARLY;BYMONTH={EVERY_MONTH};BYDAY={EVERY_DAY};BYSETPOS=366;COUNT=1000",
        f"FREQ=MONTHLY;BYMONTHDAY={EVERY_DATE};BYDAY=1MO,2MO,3MO,4MO;BYSETPOS=31;COUNT=1000",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;COUNT=1000",
    ],
)
def test_a_month_of_each_form_is_looked_at_once(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    of_month = occurrences._of_month  # noqa: SLF001 - what each look costs

    def counted(rule: Rule, weekday: int, length: int, day: int) -> Sequence[int]:
        nonlocal looked_at
        looked_at += 1
        return of_month(rule, weekday, length, day)

    monkeypatch.setattr(occurrences, "_of_month", counted)
    occurrences.following(parse(rule), day("1970-01-31"), day("2195-01-01"))
    # Once for the next date, and once for those that were passed.
    assert looked_at <= 2 * max(28, 14 * 12)


def test_any_case_is_read_and_upper_case_is_answered() -> None:
    assert parse("freq=weekly;byday=mo,We;Until=20271231t235959z").text == (
        "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20271231T235959Z"
    )


def test_each_part_is_read() -> None:
    rule = parse(
        "FREQ=YEARLY;INTERVAL=02;COUNT=7;WKST=SU;BYDAY=+1MO,-1FR,TU;BYMONTHDAY=-1,7,7;BYMONTH=6,1;BYSETPOS=-1,2"
    )
    assert rule == Rule(
        rule.text,
        "YEARLY",
        interval=2,
        count=7,
        week_start=6,
        days=[(-1, 4), (0, 1), (1, 0)],
        month_days=[-1, 7],
        months=[1, 6],
        positions=[-1, 2],
    )
    assert parse("FREQ=DAILY;UNTIL=20271231").until == day("2027-12-31")


def test_missed_dates_count() -> None:
    rule = parse("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=5")
    anchor = day("2026-11-26")
    following = occurrences.following(rule, anchor, anchor)
    assert following is not None
    assert (following[0], following[1].text) == (day("2026-11-30"), "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4")
    late = occurrences.following(rule, anchor, day("2026-12-07"))
    assert late is not None
    assert (late[0], late[1].text) == (day("2026-12-10"), "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=1")
    assert occurrences.following(rule, anchor, day("2026-12-10")) is None


@given(
    st.sampled_from(
        ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SA;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=31,-1", "FREQ=YEARLY;BYMONTH=2,3"]
    ),
    st.integers(1, 20),
    st.dates(day("1970-01-01"), day("2100-01-01")),
)
@settings(max_examples=50, deadline=None)
def test_a_rule_with_a_count_has_so_many_dates(text: str, count: int, anchor: date) -> None:
    rule, here, seen = parse(f"{text};COUNT={count}"), anchor, [anchor]
    while (following := occurrences.following(rule, here, here)) is not None:
        here, rule = following
        seen.append(here)
        assert rule.text.endswith(f";COUNT={count - len(seen) + 1}")
    assert seen == [anchor, *islice(occurrences.dates(parse(text), anchor, anchor), count - 1)]


def test_no_date_is_after_until() -> None:
    rule, anchor = parse("FREQ=DAILY;UNTIL=20261128"), day("2026-11-26")
    assert occurrences.following(rule, anchor, day("2026-11-27")) == (day("2026-11-28"), rule)
    assert occurrences.following(rule, anchor, day("2026-11-28")) is None


def test_only_what_is_wanted_is_next() -> None:
    rule, anchor = parse("FREQ=DAILY;COUNT=9"), day("2026-11-26")
    following = occurrences.following(rule, anchor, anchor, lambda each: each > day("2026-11-28"))
    assert following == (day("2026-11-29"), rule.counting(6))


@pytest.mark.parametrize(
    ("rule", "today", "due", "following"),
    [
        ("FREQ=DAILY;INTERVAL=3", "2026-11-30", "2026-11-26", "2026-12-03"),
        ("FREQ=WEEKLY", "2026-11-30", "2026-11-26", "2026-12-07"),
        ("FREQ=MONTHLY", "2027-01-31", "2027-01-10", "2027-02-28"),
        ("FREQ=YEARLY", "2028-02-29", "2028-02-01", "2029-02-28"),
        # Completed early: the day that it was due counts.
        ("FREQ=DAILY;INTERVAL=3", "2026-11-20", "2026-11-26", "2026-11-29"),
        ("FREQ=MONTHLY", "2026-11-26", "2027-01-31", "2027-02-28"),
        ("FREQ=DAILY;INTERVAL=3;UNTIL=20261129", "2026-11-26", "2026-11-26", "2026-11-29"),
    ],
)
def test_from_completion_on(rule: str, today: str, due: str, following: str) -> None:
    found = occurrences.following_completion(parse(rule, from_completion=True), day(today), day(due))
    assert found is not None
    assert found[0] == day(following)


def test_from_completion_on_each_completion_counts() -> None:
    rule = parse("FREQ=DAILY;COUNT=2", from_completion=True)
    today = day("2026-11-26")
    assert occurrences.following_completion(rule, today, today) == (today + timedelta(days=1), rule.counting(1))
    assert occurrences.following_completion(rule.counting(1), today, today) is None
    assert occurrences.following_completion(parse("FREQ=DAILY;UNTIL=20261126"), today, today) is None
    assert occurrences.following_completion(parse("FREQ=DAILY"), day("2200-12-31"), today) is None
