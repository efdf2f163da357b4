"""Answers by python-dateutil what the first dates of rules are: a program, since nothing but its end stops dateutil."""

import json
import signal
import sys
from datetime import datetime
from itertools import dropwhile, islice

from dateutil import rrule

LAST_YEAR = 0
SECONDS = 0.03
"""Of the processor, for a rule with times: some that have no date run through each second of each year."""


class TooLate(Exception):
    """The oracle has come to years that nobody asks for."""


class TooSlow(Exception):
    """The oracle does not come to an end."""


def too_slow(*_: object) -> None:
    raise TooSlow


def rebuild(info: object, year: int, month: int) -> None:
    # It is called for each step, also where no date is found, for which dateutil itself looks to the year 9999.
    if year > LAST_YEAR:
        raise TooLate
    REBUILD(info, year, month)


def first(text: str, anchor: str, after: str, number: int) -> list[str] | None:
    """So many dates of the rule behind that day, or all of the years that are looked at. None if dateutil refuses it, or is too slow."""
    found: list[str] = []
    behind = datetime.fromisoformat(after)
    signal.setitimer(signal.ITIMER_PROF, SECONDS if "T" in anchor else 0)
    try:
        rule = rrule.rrulestr(text, dtstart=datetime.fromisoformat(anchor))
        for day in islice(dropwhile(lambda each: each <= behind, rule), number):
            # Those before it is too late count.
            found.append(day.isoformat() if "T" in anchor else day.date().isoformat())  # noqa: PERF401
    except (ValueError, IndexError, TooSlow):
        return None
    except TooLate:
        pass
    return found


if __name__ == "__main__":
    STEPS = rrule._iterinfo  # noqa: SLF001 - dateutil has no other place in which it could be stopped
    REBUILD = STEPS.rebuild
    STEPS.rebuild = rebuild
    signal.signal(signal.SIGPROF, too_slow)
    answers = []
    for text, anchor, after, last_year, number in json.load(sys.stdin):
        LAST_YEAR = last_year
        answers.append(first(text, anchor, after, number))
        signal.setitimer(signal.ITIMER_PROF, 0)
    json.dump(answers, sys.stdout)
