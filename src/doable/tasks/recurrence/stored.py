"""The columns of a rule: as a client sends it, and as the task moves on by it. Knows no database."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from doable import clock
from doable.errors import Missing, RecurrenceNeedsDue, TaskCompleted
from doable.tasks.dates import LAST_DAY
from doable.tasks.recurrence import occurrences
from doable.tasks.recurrence.rules import Rule, parse
from doable.tasks.tables import TaskRow

NO_RULE: Final[dict[str, Any]] = {"recurrence": None, "recurs_from": None, "occurrence": None}

MEMBER: Final = "recurrence"
FROM: Final = "from_"


def as_stored(old: TaskRow | None, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of an input, with the columns of `due` in them, and `recurrence` as its columns.

    Raises TaskCompleted, RecurrenceNeedsDue, RecurrenceUnsupported or RecurrenceNever.
    """
    recurs = old is not None and old["completed_at"] is None and old["recurrence"] is not None
    if MEMBER not in members:
        if recurs and members.get("due_local", "") is None:
            raise RecurrenceNeedsDue
        return members
    said = members[MEMBER]
    others = {name: value for name, value in members.items() if name != MEMBER}
    if said is None:
        return others | NO_RULE if recurs else others
    if old is not None and old["completed_at"] is not None:
        raise TaskCompleted
    return others | _rule(old if recurs else None, said, others.get("due_local", old and old["due_local"]))


def _rule(old: TaskRow | None, said: Mapping[str, Any], due_local: str | None) -> dict[str, Any]:
    """The columns of these members in place of those of the old row, if that has a rule. None where nothing differs."""
    before = {} if old is None else {"rule": old["recurrence"], FROM: old["recurs_from"]}
    merged = {FROM: "due", **before, **said}
    if "rule" not in merged:
        raise Missing("body", MEMBER, "rule")
    from_completion = merged[FROM] == "completion"
    rule = parse(merged["rule"], from_completion=from_completion)
    if due_local is None:
        raise RecurrenceNeedsDue
    if (
        old is not None
        and {"rule": rule.text, FROM: merged[FROM]} == before
        and _day(old["due_local"]) == _day(due_local)
    ):
        return {}  # it is sent back as it was read, perhaps of a task whose date alone was moved
    occurrences.check(rule, date.fromisoformat(_day(due_local)), from_completion=from_completion)
    return {"recurrence": rule.text, "recurs_from": merged[FROM], "occurrence": _day(due_local)}


def _day(local: str | None) -> str:
    return (local or "")[:10]


def due_day(row: TaskRow) -> date:
    """The day on which it is due."""
    return date.fromisoformat(_day(row["due_local"]))


def occurrence_of(row: Mapping[str, Any]) -> date:
    """The rule's own date that it stands for. Where other code has left that out, it is the day on which it is due."""
    return date.fromisoformat(row["occurrence"] or _day(row["due_local"]))


def moved_on(row: TaskRow, day: date, rule: Rule) -> dict[str, Any]:
    """The columns of the task as it is on its next date, with the rule as that goes on."""
    days = (day - due_day(row)).days
    return {**moved(row, days), "recurrence": rule.text, "occurrence": day.isoformat()}


def moved(row: TaskRow, days: int) -> dict[str, Any]:
    """The columns of its dates so many days later, at the same local times. None is after the years of tasks."""
    found: dict[str, Any] = {}
    columns: Mapping[str, Any] = row
    for name in ("due", "start"):
        local, zone, at = (columns[f"{name}_{suffix}"] for suffix in ("local", "timezone", "at"))
        if local is not None:
            later = min(date.fromisoformat(_day(local)) + timedelta(days=days), LAST_DAY)
            found[f"{name}_local"] = f"{later}{local[10:]}"
        if at is not None:
            # A newer server may know more zones.
            is_known = clock.is_zone(zone)
            found[f"{name}_at"] = clock.instant(found[f"{name}_local"], zone) if is_known else at + timedelta(days=days)
    return found
