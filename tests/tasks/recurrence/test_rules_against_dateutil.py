"""10,000 random rules have the dates that python-dateutil gives them."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from doable.tasks.recurrence import occurrences
from doable.tasks.recurrence.rules import WEEKDAYS, parse

ORACLE = Path(__file__).parents[2] / "support" / "oracle_of_rules.py"
RULES = 10_000
DATES = 3
"""So many of each are compared."""
YEARS = 12
"""As far as dateutil looks: it takes its time where there is little to find."""
SECONDS = 120
"""Then the oracle is given up: it takes two or three of a quiet core."""


def random_rules() -> Iterator[tuple[str, date, date]]:
    """Rules, their anchors, and days behind which to look. Days of the month are mostly such as many months have."""
    chance = random.Random(14)  # noqa: S311 - no secret
    while True:
        frequency = chance.choices(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"), (1, 3, 5, 3))[0]
        parts = [f"FREQ={frequency}"]
        interval = chance.choice((1, 1, 1, 2, 3, 4, 5, 6, 12))
        by: list[str] = []
        if chance.random() < 0.5 and (frequency != "DAILY" or interval == 1):
            numbered = frequency in {"MONTHLY", "YEARLY"} and chance.random() < 0.5
            # Of numbers and weekdays without any beside them, dateutil finds nothing, wrongly.
            numbers = (1, 2, 3, 4, -1, -2, -4, 5, -5) if numbered else ("",)
            days = [f"{chance.choice(numbers)}{chance.choice(WEEKDAYS)}" for _ in range(chance.randint(1, 3))]
            by.append(f"BYDAY={','.join(days)}")
        if frequency in {"MONTHLY", "YEARLY"} and chance.random() < 0.4:
            most = 31 if chance.random() < 0.2 else 28
            if by:  # a few days would hardly ever be that weekday
                month_days = [*range(chance.randint(1, 8), chance.randint(20, most) + 1)]
            else:
                month_days = [chance.choice((1, -1)) * chance.randint(1, most) for _ in range(chance.randint(1, 4))]
            by.append(f"BYMONTHDAY={','.join(map(str, month_days))}")
        if by and chance.random() < 0.4:
            most = 3 if len(by) == 1 else 1
            positions = [chance.choice((1, -1)) * chance.randint(1, most) for _ in range(chance.randint(1, 2))]
            by.append(f"BYSETPOS={','.join(map(str, positions))}")
        if frequency == "YEARLY" and (by or chance.random() < 0.4):
            by.append(f"BYMONTH={','.join(str(chance.randint(1, 12)) for _ in range(chance.randint(1, 3)))}")
        if interval > 1:
            parts.append(f"INTERVAL={interval}")
        if chance.random() < 0.3:
            parts.append(f"WKST={chance.choice(WEEKDAYS)}")
        chance.shuffle(by)
        anchor = date(1990, 1, 1) + timedelta(days=chance.randrange(40_000))
        if chance.random() < 0.2:  # the ends of months, and 29 February
            anchor = chance.choice((date(2024, 2, 29), date(2027, 1, 31), date(2027, 2, 28), date(2026, 12, 31)))
        after = anchor + timedelta(days=chance.choice((0, 0, 0, chance.randrange(400))))
        yield ";".join(parts + by), anchor, after


def asked(text: str, anchor: date, after: date) -> tuple[str, str, str, int, int]:
    rule = parse(text)
    if rule.frequency == "WEEKLY" and rule.positions:
        # Of the first week dateutil sees only what is left of it: the week begins before the anchor.
        anchor -= timedelta(days=(anchor.weekday() - rule.week_start) % 7)
    return text, anchor.isoformat(), after.isoformat(), after.year + YEARS, DATES


def test_10_000_rules_have_the_dates_that_dateutil_finds() -> None:
    rules = [*islice(random_rules(), RULES)]
    questions = json.dumps([asked(*each) for each in rules])
    run = subprocess.run(
        [sys.executable, ORACLE], input=questions, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    complete = 0
    for (text, anchor, after), theirs in zip(rules, json.loads(run.stdout), strict=True):
        found = islice(occurrences.dates(parse(text), anchor, after), DATES)
        assert [f"{day}" for day in found if day.year <= after.year + YEARS] == theirs, (text, anchor, after)
        complete += len(theirs) == DATES
    assert complete > 0.9 * RULES
