"""Answers by python-dateutil what the first dates of rules are: a program, since nothing but its end stops dateutil."""

import json
import sys
from datetime import datetime
from itertools import dropwhile, islice

from dateutil import rrule

LAST_YEAR = 0


class TooLate(Exception):
    """The oracle has come to years that nobody asks for."""


def rebuild(info: object, year: int, month: int) -> None:
    # It is called for each step, also where no date is found, for which dateutil itself looks to the year 9999.
    if year > LAST_YEAR:
        raise TooLate
    REBUILD(info, year, month)


def first(text: str, anchor: str, after: str, number: int) -> list[str]:
    """So many dates of the rule behind that day, or all of the years that are looked at."""
    found: list[str] = []
    behind = datetime.fromisoformat(after)
    rule = rrule.rrulestr(text, dtstart=datetime.fromisoformat(anchor))
    try:
        for day in islice(dropwhile(lambda each: each <= behind, rule), number):
            found.append(day.date().isoformat())  # noqa: PERF401 - those before it is too late count
    except TooLate:
        pass
    return found


if __name__ == "__main__":
    STEPS = rrule._iterinfo  # noqa: SLF001 - dateutil has no other place in which it could be stopped
    REBUILD = STEPS.rebuild
    STEPS.rebuild = rebuild
    answers = []
    for text, anchor, after, last_year, number in json.load(sys.stdin):
        LAST_YEAR = last_year
        answers.append(first(text, anchor, after, number))
    json.dump(answers, sys.stdout)
