"""The tables of rules and series, which clients run too, and what the server answers to them."""

import json
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from doable.database.types import instant_to_text
from doable.errors import RecurrenceNever, RecurrenceUnsupported
from doable.tasks import dates
from doable.tasks.recurrence import occurrences
from doable.tasks.recurrence.rules import parse
from doable.tasks.recurrence.series import next_of, skipped_to
from doable.tasks.recurrence.stored import moved_on
from doable.tasks.tables import recurrence as as_sent

FOLDER = Path(__file__).parent.parent / "tasks" / "recurrence"

Case = dict[str, Any]


def table(name: str) -> Case:
    """One of them, by its name."""
    found: Case = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def is_supported(case: Case) -> bool:
    """Whether the server takes the text as a rule, and knows another date of it than its first."""
    anchor, from_completion = date.fromisoformat(case["anchor"]), case.get("from") == "completion"
    try:
        occurrences.check(parse(case["rule"], from_completion=from_completion), anchor, from_completion=from_completion)
    except (RecurrenceUnsupported, RecurrenceNever):
        return False
    return True


def next_dates(case: Case) -> list[str]:
    """So many dates of its rule as the case has, or one if it has none."""
    anchor = date.fromisoformat(case["anchor"])
    after = date.fromisoformat(case["after"]) if "after" in case else anchor
    return [f"{day}" for day in islice(occurrences.dates(parse(case["rule"]), anchor, after), len(case["dates"]) or 1)]


def goes_on(case: Case) -> Case:
    """What the successor of its task has in place of its own, and what the task has when its present date is skipped."""
    recurrence = case["recurrence"]
    row: Any = {
        **dates.stored("due", case["due"], None),
        **dates.stored("start", case["start"], None),
        "recurrence": recurrence["rule"],
        "recurs_from": recurrence["from"],
        "occurrence": recurrence["occurrence"],
        "exceptions": None,
        "completed_at": None,
    }
    rule = parse(recurrence["rule"])
    found = next_of(row, rule, datetime.fromisoformat(case["now"]), case["due"]["timezone"] or case["timezone"])
    skipped = skipped_to(row, rule)
    return {
        "completed": None if found is None else _sent({**row, **moved_on(row, found)}),
        "skipped": None if skipped is None else _sent({**row, **moved_on(row, skipped)}),
    }


def _sent(row: Case) -> Case:
    recurrence = as_sent(row["recurrence"], row["recurs_from"], row["occurrence"], has_exceptions=False)
    return {"due": _moment(row, "due"), "start": _moment(row, "start"), "recurrence": recurrence}


def _moment(row: Case, name: str) -> Case | None:
    local, timezone, at = (row[f"{name}_{part}"] for part in ("local", "timezone", "at"))
    return None if local is None else dates.sent(local, timezone, None if at is None else instant_to_text(at))
