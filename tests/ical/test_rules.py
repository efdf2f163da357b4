"""Rules of RFC 5545 have the dates that the RFC and python-dateutil give them, and none takes long. Steps are counted, not time."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from doable.ical.rules import STEPS, UNITS, WEEKDAYS, Budget, GaveUp, UnreadableRule, parse, walk

ORACLE = Path(__file__).parents[1] / "support" / "oracle_of_rules.py"
RULES = 1000
DATES = 6
YEARS = 6
"""As far as dateutil looks."""
SECONDS = 120
"""Then the oracle is given up."""


def dates(text: str, start: str, number: int, *, after: str | None = None, until: str | None = None) -> list[str]:
    begin = datetime.fromisoformat(start)
    last = None if until is None else datetime.fromisoformat(until)
    found = walk(parse(text), begin, datetime.fromisoformat(after or start), until=last, budget=Budget())
    return [each.isoformat(sep=" ", timespec="minutes") for each in islice(found, number)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        # Section 3.8.5.3 has these.
        ("FREQ=DAILY;COUNT=10;INTERVAL=10", "1997-09-02 09:00", "1997-09-02 09:00, 1997-09-12 09:00, 1997-09-22 09:00"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02 09:00", "1997-09-02 09:00, 1997-09-16 09:00, 1997-09-30 09:00"),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "1997-08-05 09:00",
            "1997-08-05 09:00, 1997-08-10 09:00, 1997-08-19 09:00, 1997-08-24 09:00",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05 09:00",
            "1997-08-05 09:00, 1997-08-17 09:00, 1997-08-19 09:00, 1997-08-31 09:00",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28 09:00", "1997-09-28 09:00, 1997-10-29 09:00, 1997-11-28 09:00"),
        (
            "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
            "1997-01-01 09:00",
            "1997-01-01 09:00, 1997-04-10 09:00, 1997-07-19 09:00, 2000-01-01 09:00",
        ),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19 09:00", "1997-05-19 09:00, 1998-05-18 09:00, 1999-05-17 09:00"),
        (
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
            "1997-05-12 09:00",
            "1997-05-12 09:00, 1998-05-11 09:00, 1999-05-17 09:00",
        ),
        (
            "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
            "1997-06-05 09:00",
            "1997-06-05 09:00, 1997-06-12 09:00, 1997-06-19 09:00",
        ),
        (
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "1998-02-13 09:00",
            "1998-02-13 09:00, 1998-03-13 09:00, 1998-11-13 09:00",
        ),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "1996-11-05 09:00",
            "1996-11-05 09:00, 2000-11-07 09:00, 2004-11-02 09:00",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "1997-09-29 09:00",
            "1997-09-29 09:00, 1997-10-30 09:00, 1997-11-27 09:00",
        ),
        (
            "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
            "1997-09-02 09:00",
            "1997-09-02 09:00, 1997-09-02 10:30, 1997-09-02 12:00, 1997-09-02 13:30",
        ),
        (
            "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,16",
            "1997-09-02 09:40",
            "1997-09-02 09:40, 1997-09-02 16:00, 1997-09-02 16:20",
        ),
        ("FREQ=DAILY;BYMONTH=1", "1998-01-31 09:00", "1998-01-31 09:00, 1999-01-01 09:00, 1999-01-02 09:00"),
        # A month without the day is passed over, and a week of the number alone has the start's weekday.
        ("FREQ=MONTHLY", "2027-01-31 09:00", "2027-01-31 09:00, 2027-03-31 09:00, 2027-05-31 09:00"),
        ("FREQ=YEARLY;BYWEEKNO=53", "2026-12-30 09:00", "2026-12-30 09:00, 2032-12-29 09:00, 2037-12-30 09:00"),
        # The start is the first, whether it fits or not, and counts.
        ("FREQ=WEEKLY;BYDAY=FR;COUNT=3", "2026-12-01 09:00", "2026-12-01 09:00, 2026-12-04 09:00, 2026-12-11 09:00"),
        # Numbered weekdays and others, of which dateutil finds none.
        (
            "FREQ=MONTHLY;BYDAY=-1FR,MO",
            "2026-12-07 09:00",
            "2026-12-07 09:00, 2026-12-14 09:00, 2026-12-21 09:00, 2026-12-25 09:00",
        ),
    ],
)
def test_dates_of_the_rfc(rule: str, start: str, expected: str) -> None:
    days = expected.split(", ")
    assert dates(rule, start, len(days)) == days


def test_it_is_walked_from_anywhere() -> None:
    rule, start = "FREQ=HOURLY;INTERVAL=5;BYDAY=MO,WE", "2026-12-02 03:00"
    every = dates(rule, start, 40)
    for place in range(1, 35):
        assert dates(rule, start, 3, after=every[place]) == every[place : place + 3]
        between = (datetime.fromisoformat(every[place - 1]) + timedelta(minutes=1)).isoformat()
        assert dates(rule, start, 2, after=between) == every[place : place + 2]


def test_count_and_until_end_it() -> None:
    assert dates("FREQ=DAILY;COUNT=4;BYDAY=MO,TU", "2026-11-30 09:00", 9, after="2026-12-02") == [
        "2026-12-07 09:00",
        "2026-12-08 09:00",
    ]
    assert dates("FREQ=SECONDLY;COUNT=900000000", "2000-01-01 00:00", 9, after="2028-07-08 15:59:58") == [
        "2028-07-08 15:59",
        "2028-07-08 15:59",
    ]
    assert dates("FREQ=MONTHLY;COUNT=3", "2026-12-01 09:00", 9, after="2027-03-01") == []
    assert dates("FREQ=DAILY", "2026-12-01 09:00", 9, until="2026-12-03 09:00") == [
        f"2026-12-0{day} 09:00" for day in (1, 2, 3)
    ]


ALL_TIMES = ";".join(
    f"{name}={','.join(map(str, range(number)))}"
    for name, number in (("BYHOUR", 24), ("BYMINUTE", 60), ("BYSECOND", 60))
)
POSITIONS = ",".join(map(str, range(1, 367)))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        *(f"FREQ={frequency};BYMONTH=2;BYMONTHDAY=30" for frequency in (*UNITS, "MONTHLY", "YEARLY")),
        "FREQ=MONTHLY;BYMONTHDAY=-30;BYSETPOS=4",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=300",
        "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTHDAY=15",
        "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3;BYMINUTE=7",
        "FREQ=SECONDLY;BYSETPOS=2",
        "FREQ=SECONDLY;BYSECOND=7;INTERVAL=2",
        f"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;{ALL_TIMES};BYSETPOS={POSITIONS}",
        f"FREQ=DAILY;{ALL_TIMES};BYSETPOS={POSITIONS};COUNT=999999999",
        "FREQ=SECONDLY;COUNT=999999999;BYSECOND=1,2,3",
        "FREQ=DAILY;BYDAY=MO;COUNT=999999999",
        *(f"FREQ={frequency};INTERVAL=999999999" for frequency in (*UNITS, "MONTHLY", "YEARLY")),
        "FREQ=SECONDLY;INTERVAL=999999999;BYMONTH=7;BYDAY=1MO",
    ],
)
@pytest.mark.parametrize("after", ["2000-01-01", "2099-01-01", "9999-12-31"])
def test_a_hostile_rule_takes_no_more_steps_than_it_may(rule: str, after: str) -> None:
    budget = Budget()
    taken = 0
    start = datetime.fromisoformat("2000-01-01 05:00")
    try:
        for _ in walk(parse(rule), start, datetime.fromisoformat(after), budget=budget):
            taken += 1
    except GaveUp:
        assert budget.left < 0
    assert taken <= STEPS


def test_an_endless_rule_is_not_walked_from_its_start() -> None:
    budget = Budget()
    found = walk(parse("FREQ=SECONDLY"), datetime(2000, 1, 1), datetime(2099, 1, 1), budget=budget)  # noqa: DTZ001
    assert next(found) == datetime(2099, 1, 1)  # noqa: DTZ001
    assert STEPS - budget.left < 10


@pytest.mark.parametrize(
    "text",
    ["", "FREQ=FORTNIGHTLY", "INTERVAL=2", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;INTERVAL=-1",
     "FREQ=DAILY;BYHOUR=24", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=DAILY;UNTIL=20261301", "FREQ=YEARLY;BYEASTER=1",
     "FREQ=DAILY;SKIP=FORWARD", "FREQ=DAILY;BYMONTH=", f"FREQ=DAILY;BYSETPOS={','.join(['1'] * 4000)}"],
)  # fmt: skip
def test_what_is_no_rule_is_told(text: str) -> None:
    with pytest.raises(UnreadableRule):
        parse(text)


def random_rules() -> Iterator[tuple[str, datetime]]:
    """Rules of every frequency and with every part, as far as dateutil does what the RFC says, and when they start."""
    chance = random.Random(17)  # noqa: S311 - no secret

    def numbers(least: int, most: int, number: int, *, signed: bool = False) -> str:
        signs = (1, -1) if signed else (1,)
        return ",".join(
            str(chance.choice(signs) * chance.randint(least, most)) for _ in range(chance.randint(1, number))
        )

    while True:
        frequency = chance.choice((*UNITS, "MONTHLY", "YEARLY"))
        by: list[str] = []
        # Of numbers and weekdays without any beside them, dateutil finds nothing, wrongly.
        is_numbered = frequency in {"MONTHLY", "YEARLY"} and chance.random() < 0.5
        if chance.random() < 0.4:
            which: Sequence[int | str] = (
                ((1, 2, -1, -2, 5, 20) if frequency == "YEARLY" else (1, 2, -1, 5)) if is_numbered else ("",)
            )
            by.append(
                f"BYDAY={','.join(f'{chance.choice(which)}{chance.choice(WEEKDAYS)}' for _ in range(chance.randint(1, 3)))}"
            )
            # Weeks of the years beside are miscounted by dateutil, and it knows no weekday but all.
            if frequency == "YEARLY" and not is_numbered and chance.random() < 0.3:
                by.append(f"BYWEEKNO={numbers(2, 51, 5)}")
        for name, chances, arguments, signed in (
            ("BYMONTH", 0.25, (1, 12, 4), False),
            ("BYMONTHDAY", 0 if frequency == "WEEKLY" else 0.25, (1, 31, 6), True),
            ("BYYEARDAY", 0 if frequency in {"DAILY", "WEEKLY", "MONTHLY"} else 0.15, (1, 366, 8), True),
            ("BYHOUR", 0.25, (0, 23, 4), False),
            ("BYMINUTE", 0.2, (0, 59, 4), False),
            ("BYSECOND", 0.2, (0, 59, 4), False),
        ):
            if chance.random() < chances:
                by.append(f"{name}={numbers(*arguments, signed=signed)}")
        # Of the first week dateutil sees only what is left of it.
        if by and frequency != "WEEKLY" and chance.random() < 0.2:
            by.append(f"BYSETPOS={numbers(1, 4, 2, signed=True)}")
        if (interval := chance.choice((1, 1, 1, 2, 3, 5, 7, 24, 90))) > 1:
            by.append(f"INTERVAL={interval}")
        if chance.random() < 0.3:
            by.append(f"WKST={chance.choice(WEEKDAYS)}")
        chance.shuffle(by)
        start = datetime(1999, 1, 1) + timedelta(seconds=chance.randrange(10**9))  # noqa: DTZ001
        yield ";".join([f"FREQ={frequency}", *by]), start


def test_rules_have_the_dates_that_dateutil_finds() -> None:
    rules = [*islice(random_rules(), RULES)]
    # dateutil refuses some that have no date, and takes its time for others: only the program's end stops it.
    questions = [
        (text, f"{at:%Y-%m-%dT%H:%M:%S}", f"{at:%Y-%m-%dT%H:%M:%S}", at.year + YEARS, DATES) for text, at in rules
    ]
    run = subprocess.run(
        [sys.executable, ORACLE],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    complete = 0
    for (text, start), theirs in zip(rules, json.loads(run.stdout), strict=True):
        if theirs is None:
            continue
        found = []
        try:
            for each in islice(walk(parse(text), start, start + timedelta(seconds=1), budget=Budget()), DATES):
                if each.year > start.year + YEARS:
                    break
                found.append(each.isoformat())
        except GaveUp:
            assert not theirs[len(found) :], (text, start)
        assert found == theirs, (text, start)
        complete += len(theirs) == DATES
    assert complete > RULES / 2
