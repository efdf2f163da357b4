"""A table: CSV for spreadsheets, which Doable reads back."""

import csv
import io
from typing import Final

from doable.database import Row
from doable.transfer.writing.account import Entry, Heading

COLUMNS: Final = (
    *("id", "parent_id", "list", "section", "title", "description", "state", "completed_at", "created_at", "priority"),
    *("tags", "due", "due_timezone", "start", "start_timezone", "recurrence", "recurrence_from", "estimate_minutes"),
    *("url", "reminders"),
)


class Table:
    """A row a task."""

    media_type = "text/csv; charset=utf-8"
    filename = "doable-tasks.csv"

    def begins(self) -> str:
        """The names of the columns, behind a mark by which spreadsheets know UTF-8."""
        return f"\ufeff{','.join(COLUMNS)}\r\n"

    def heading(self, heading: Heading) -> str:  # noqa: ARG002 - each row has the names of its own
        """Nothing."""
        return ""

    def task(self, entry: Entry) -> str:
        """Its row."""
        row = io.StringIO()
        csv.writer(row).writerow([_cells(entry)[name] for name in COLUMNS])
        return row.getvalue()

    def ends(self) -> str:
        """Nothing."""
        return ""


def _cells(entry: Entry) -> Row:
    task = entry.task
    recurrence = task["recurrence"] or {}
    return {
        **{name: task.get(name) for name in COLUMNS},
        "list": None if entry.list is None else entry.list["name"],
        "section": None if entry.section is None else entry.section["name"],
        "state": state(task),
        "priority": None if task["priority"] == "none" else task["priority"],
        "tags": _tags(task["tags"]),
        **_moment("due", task["due"]),
        **_moment("start", task["start"]),
        "recurrence": recurrence.get("rule"),
        "recurrence_from": recurrence.get("from"),
        "reminders": "; ".join(map(_reminder, task["reminders"])),
    }


def state(task: Row) -> str:
    """Its state in a word."""
    if task["is_cancelled"]:
        return "cancelled"
    return "completed" if task["is_completed"] else "open"


def _tags(names: list[str]) -> str:
    """With commas between them; one of which has a comma in it makes them lines."""
    if any(sign in name for name in names for sign in ",;"):
        return "".join(f"{name}\n" for name in names)
    return ", ".join(names)


def _moment(name: str, moment: Row | None) -> Row:
    if moment is None:
        return {name: None, f"{name}_timezone": None}
    return {name: " ".join(filter(None, (moment["date"], moment["time"]))), f"{name}_timezone": moment["timezone"]}


def _reminder(reminder: Row) -> str:
    return reminder["at"] or f"{reminder['offset']} {reminder['relative_to'] or 'due'}"
