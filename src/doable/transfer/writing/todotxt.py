"""todo.txt: a line a task, with what it has a place for."""

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from doable.database import Row
from doable.errors import RecurrenceUnsupported
from doable.tasks.recurrence.rules import WEEKDAYS, parse
from doable.transfer.writing.account import Entry, Heading

_PRIORITIES: Final = {"high": "A", "medium": "B", "low": "C"}
_UNITS: Final = {"DAILY": "d", "WEEKLY": "w", "MONTHLY": "m", "YEARLY": "y"}
_WORKDAYS: Final = f"BYDAY={','.join(WEEKDAYS[:5])}"


class TodoTxt:
    """A line a task."""

    media_type = "text/plain; charset=utf-8"
    filename = "todo.txt"

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def begins(self) -> str:
        """Nothing."""
        return ""

    def heading(self, heading: Heading) -> str:  # noqa: ARG002 - each line has its list
        """Nothing."""
        return ""

    def task(self, entry: Entry) -> str:
        """Its line. It always has the day on which it was made, so that no word of the title is taken for one."""
        task = entry.task
        priority = _PRIORITIES.get(task["priority"])
        words = []
        if task["is_completed"]:
            words += ["x", self._day(task["completed_at"])]
        elif priority:
            words.append(f"({priority})")
        words += [self._day(task["created_at"]), *task["title"].split()]
        words += [f"+{_word(entry.list['name'])}"] if entry.list is not None else []
        words += [f"@{_word(name)}" for name in task["tags"]]
        words += [f"due:{task['due']['date']}"] if task["due"] else []
        words += [f"t:{task['start']['date']}"] if task["start"] else []
        words += [f"rec:{interval}"] if (interval := _interval(task["recurrence"])) else []
        words += [f"pri:{priority}"] if priority and task["is_completed"] else []
        return f"{' '.join(words)}\n"

    def ends(self) -> str:
        """Nothing."""
        return ""

    def _day(self, instant: str) -> str:
        return datetime.fromisoformat(instant).astimezone(self._zone).date().isoformat()


def _word(name: str) -> str:
    return re.sub(r"\s", "_", name)


def _interval(recurrence: Row | None) -> str | None:
    """A rule of an interval alone, or of the days from Monday to Friday."""
    if recurrence is None:
        return None
    try:
        rule = parse(recurrence["rule"])
    except RecurrenceUnsupported:  # a newer server knew it
        return None
    if rule.text.removeprefix("FREQ=WEEKLY;") == _WORKDAYS:
        return "1b"
    if re.fullmatch(r"FREQ=[A-Z]+(;INTERVAL=[0-9]+)?", rule.text):
        return f"{'' if recurrence['from'] == 'completion' else '+'}{rule.interval}{_UNITS[rule.frequency]}"
    return None
