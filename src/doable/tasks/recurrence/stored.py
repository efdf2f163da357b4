"""The columns of a rule: as a client sends it, and as the task moves on by it. Knows no database."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from pydantic_core import from_json, to_json

from doable import clock
from doable.errors import Missing, RecurrenceNeedsDue, RecurrenceUnsupported, TaskCompleted
from doable.ical.rules import is_readable
from doable.tasks.dates import LAST_DAY, is_whole_day
from doable.tasks.recurrence import occurrences
from doable.tasks.recurrence.rules import MAX_LENGTH, Rule, is_supported, parse
from doable.tasks.tables import TaskRow

NO_RULE: Final[dict[str, Any]] = {"recurrence": None, "recurs_from": None, "occurrence": None, "exceptions": None}

MEMBER: Final = "recurrence"
FROM: Final = "from_"
AS_PUT: Final = "ical_text"
"""It comes with what a calendar client puts, whose rules may be any of RFC 5545, and whose exceptions are its own."""


class Next(NamedTuple):
    """How a task moves on to the next date of its rule."""

    by: timedelta
    """By how much its local times move."""
    rule: str
    """The rule as it goes on from there."""
    occurrence: date


def as_stored(old: TaskRow | None, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of an input, with the columns of `due` in them, and `recurrence` as its columns.

    Raises TaskCompleted, RecurrenceNeedsDue, RecurrenceUnsupported or RecurrenceNever.
    """
    recurs = old is not None and old["completed_at"] is None and old["recurrence"] is not None
    if MEMBER not in members:
        if recurs and members.get("due_local", "") is None:
            raise RecurrenceNeedsDue
        return members if old is None or not recurs or AS_PUT not in members else _anchored(old, members)
    said = members[MEMBER]
    others = {name: value for name, value in members.items() if name != MEMBER}
    if said is None:
        return NO_RULE | others if recurs else others
    if old is not None and old["completed_at"] is not None:
        raise TaskCompleted
    return _rule(old if recurs else None, said, others, old) | others


def _rule(
    recurred: TaskRow | None, said: Mapping[str, Any], others: Mapping[str, Any], old: TaskRow | None
) -> dict[str, Any]:
    """The columns of these members in place of those of a row that had a rule. None where nothing differs."""
    before = {} if recurred is None else {"rule": recurred["recurrence"], FROM: recurred["recurs_from"]}
    merged = {FROM: "due", **before, **{name: said[name] for name in ("rule", FROM) if name in said}}
    if "rule" not in merged:
        raise Missing("body", MEMBER, "rule")
    text = merged["rule"].upper()
    is_same = {"rule": text, FROM: merged[FROM]} == before
    rule = read(text, merged[FROM], is_any=is_same or AS_PUT in others)
    anchored: Mapping[str, Any] = {**(old or {}), **others}
    if anchored.get("due_local") is None:
        raise RecurrenceNeedsDue
    first = _day(anchored[f"{anchor(anchored)}_local"])
    if recurred is not None and is_same and first == _day(_old_first(recurred)):
        return {}  # it is sent back as it was read, perhaps of a task whose date alone was moved
    if rule is not None:
        occurrences.check(rule, date.fromisoformat(first), from_completion=merged[FROM] == "completion")
    columns = {"recurrence": text, "recurs_from": merged[FROM], "occurrence": first}
    return columns if is_same or AS_PUT in others else {**columns, "exceptions": None}


def read(text: str, recurs_from: str, *, is_any: bool) -> Rule | None:
    """The rule; None for one of RFC 5545 that is followed, and not taken from clients of the API. Raises RecurrenceUnsupported."""
    if not is_any or is_supported(text):
        # With what it says of the completion, another program's rule need not agree.
        return parse(text, from_completion=recurs_from == "completion" and not is_any)
    if len(text) > MAX_LENGTH:
        raise RecurrenceUnsupported("a rule has at most 255 characters of ASCII")
    if not is_readable(text):
        raise RecurrenceUnsupported("this is no rule of RFC 5545")
    return None


def exceptions_of(text: str) -> str | None:
    """The column of exceptions of this text, if that is what a server has written; None if there are none, or it is not."""
    try:
        said = from_json(text)
        found = {name: [_moment(each) for each in said[name]] for name in ("exdates", "rdates") if said.get(name)}
    except (ValueError, TypeError, AttributeError, LookupError):
        return None
    kept = found | ({"by_start": True} if said.get("by_start") is True else {})
    return to_json(kept).decode() if kept else None


def _moment(text: str) -> str:
    return f"{date.fromisoformat(text)}" if is_whole_day(text) else f"{datetime.fromisoformat(text):%Y-%m-%dT%H:%M:%S}"


def anchor(row: Mapping[str, Any]) -> Literal["due", "start"]:
    """Of which of its dates the rule's are: those of what another program has anchored at its start, if it still has one."""
    said = from_json(row.get("exceptions") or "{}")
    return "start" if said.get("by_start") and row.get("start_local") is not None else "due"


def _anchored(old: TaskRow, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a calendar client moves, it moves with its rule: there, a rule has no other date than DTSTART or DUE."""
    new = {**old, **members}
    first = _day(new[f"{anchor(new)}_local"])
    return members if first == _day(_old_first(old)) else {**members, "occurrence": first}


def _old_first(row: Mapping[str, Any]) -> str | None:
    found: str | None = row[f"{anchor(row)}_local"]
    return found


def _day(local: str | None) -> str:
    return (local or "")[:10]


def due_day(row: TaskRow) -> date:
    """The day on which it is due."""
    return date.fromisoformat(_day(row["due_local"]))


def occurrence_of(row: Mapping[str, Any]) -> date:
    """The rule's own date that it stands for. Where other code has left that out, it is the day on which it is due."""
    return date.fromisoformat(row["occurrence"] or _day(row["due_local"]))


def on(row: TaskRow, day: date, rule: Rule) -> Next:
    """Its next date is that day."""
    return Next(day - due_day(row), rule.text, day)


def moved_on(row: TaskRow, found: Next) -> dict[str, Any]:
    """The columns of the task as it is on its next date, with the rule as that goes on."""
    return {**moved(row, found.by), "recurrence": found.rule, "occurrence": found.occurrence.isoformat()}


def moved(row: TaskRow, by: timedelta) -> dict[str, Any]:
    """The columns of its dates so much later by local time; whole days by whole days. None is after the years of tasks."""
    found: dict[str, Any] = {}
    columns: Mapping[str, Any] = row
    for name in ("due", "start"):
        local, zone, at = (columns[f"{name}_{suffix}"] for suffix in ("local", "timezone", "at"))
        if local is not None:
            shown = datetime.fromisoformat(_day(local) if is_whole_day(local) else local) + (
                timedelta(days=by.days) if is_whole_day(local) else by
            )
            time = local[10:] if is_whole_day(local) else f"{shown:T%H:%M:%S}"
            found[f"{name}_local"] = f"{min(shown.date(), LAST_DAY)}{time}"
        if at is not None:
            # A newer server may know more zones.
            is_known = clock.is_zone(zone)
            found[f"{name}_at"] = clock.instant(found[f"{name}_local"], zone) if is_known else at + by
    return found
