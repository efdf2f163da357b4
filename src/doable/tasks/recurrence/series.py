"""How a series goes on: the successor of a task that is completed, and what stands in the way of a rule that comes back.

Of the tasks of a series one at most is open and has a rule.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from doable import clock
from doable.database import Row, Statement, Transaction
from doable.database.types import Ids, one_of
from doable.errors import NoNextOccurrence, NotRecurring, OccurrencePassed, RecurrenceUnsupported
from doable.tasks import dates, reminders
from doable.tasks.asking import present
from doable.tasks.order import position_of
from doable.tasks.recurrence import occurrences
from doable.tasks.recurrence.rules import Rule, parse
from doable.tasks.recurrence.stored import due_day, moved, moved_on, occurrence_of
from doable.tasks.tables import IS_OPEN, TaskRow, tasks
from doable.tasks.trees import TreeRow

Next = tuple[date, Rule]
"""The next date of a rule, and the rule as it goes on from there."""

NEXT: Final = "next"

RIVAL = Statement(
    select(tasks.c.id)
    .where(tasks.c.owner_id == bindparam("owner_id"), tasks.c.series_id == bindparam("series_id"))
    .where(IS_OPEN, tasks.c.recurrence.is_not(None), tasks.c.id != bindparam("this_id"))
    .limit(1)
)
IDS: Final = bindparam("ids", type_=Ids())
# Whoever's they are.
TAKEN = Statement(select(tasks.c.id).where(one_of(tasks.c.id, IDS)))


async def is_held(tx: Transaction, owner_id: str, id_: str, series_id: str) -> bool:
    """Whether another task of the series is open and has a rule."""
    return await tx.one(RIVAL, owner_id=owner_id, this_id=id_, series_id=series_id) is not None


async def series_of(tx: Transaction, owner_id: str, id_: str, series_id: str | None) -> str:
    """The series of a task that gets a rule: its own, or a new one, whose first it is."""
    mine = series_id or id_
    return str(uuid.uuid4()) if await is_held(tx, owner_id, id_, mine) else mine


async def following(tx: Transaction, row: TaskRow) -> Next | None:
    """Where the series of this open task goes on when it is completed now; None where it ends."""
    rule = _rule(row)
    if rule is None:
        return None
    zone = row["due_timezone"]
    if zone is not None and clock.is_zone(zone):  # a newer server may know more of them
        return next_of(row, rule, clock.now(), zone)
    here = await present(tx, row["owner_id"])
    return next_of(row, rule, here.now, here.zone)


def next_of(row: TaskRow, rule: Rule, now: datetime, zone: str) -> Next | None:
    """As `following`, where the zone is known in which days begin."""
    due = due_day(row)
    today = now.astimezone(ZoneInfo(zone)).date()
    if row["recurs_from"] == "completion":
        return occurrences.following_completion(rule, today, due)
    anchor = occurrence_of(row)
    local = row["due_local"] or ""
    if local.endswith(dates.WHOLE_DAY):
        return occurrences.following(rule, anchor, max(anchor, due, today))
    # That of today may be still to come.
    after = max(anchor, due, today - timedelta(days=1))
    return occurrences.following(rule, anchor, after, lambda day: clock.instant(f"{day}{local[10:]}", zone) > now)


def skipped(row: TaskRow, occurrence: str | None) -> Mapping[str, Any]:
    """The columns of the task at its next date, past or not. Raises NotRecurring, OccurrencePassed or NoNextOccurrence."""
    if row["completed_at"] is not None or row["recurrence"] is None:
        raise NotRecurring
    if occurrence not in {None, row["occurrence"]}:
        raise OccurrencePassed
    rule = _rule(row)
    found = None
    if rule is not None:
        due, anchor = due_day(row), occurrence_of(row)
        if row["recurs_from"] == "completion":
            found = occurrences.following_completion(rule, due, due)
        else:
            found = occurrences.following(rule, anchor, max(anchor, due))
    if found is None:
        raise NoNextOccurrence
    return moved_on(row, *found)


def _rule(row: TaskRow) -> Rule | None:
    """The task's rule. None if there is none, or newer code has written it, or older code has taken the date away."""
    if row["recurrence"] is None or row["due_local"] is None:
        return None
    try:
        return parse(row["recurrence"])
    except RecurrenceUnsupported:
        return None


async def next_id(tx: Transaction, row: TaskRow) -> str:
    """The id of the task's successor, which a client can know before: UUIDv5 of the task's and `next`."""
    return (await _ids(tx, row["id"], [NEXT]))[NEXT]


async def _ids(tx: Transaction, of: str, names: Sequence[str]) -> dict[str, str]:
    """The ids that are derived from this one by these names, or others where some task has them."""
    derived = {name: str(uuid.uuid5(uuid.UUID(of), name)) for name in names}
    taken = {row["id"] for row in await tx.all(TAKEN, ids=[*derived.values()])} if derived else ()
    return {name: str(uuid.uuid4()) if id_ in taken else id_ for name, id_ in derived.items()}


async def successors(tx: Transaction, row: TaskRow, found: Next, id_: str, below: Sequence[TreeRow]) -> list[Row]:
    """The successor of this task, which is completed, and copies of what is below it. Their revisions are not in them."""
    now = clock.now()
    fresh = {"completed_at": None, "is_cancelled": False, "next_id": None, "created_at": now, "updated_at": now}
    successor = {**row, **moved_on(row, *found), **fresh, "id": id_, "position": position_of(row)}
    successor["reminders"] = reminders.of_dates(row["reminders"])
    days = (found[0] - due_day(row)).days
    copied = _without_history(below)
    ids = await _ids(tx, id_, [each["id"] for each in copied])
    parents = {row["id"]: id_, **ids}
    return [successor, *(_copy(each, days, ids[each["id"]], parents) | fresh for each in copied)]


def _without_history(below: Sequence[TreeRow]) -> list[TreeRow]:
    """What is copied: not what has a successor there itself, and is done for good."""
    left_out = {row["id"] for row in below if row["next_id"] is not None}
    for row in sorted(below, key=lambda each: each["level"]):
        if row["parent_id"] in left_out:
            left_out.add(row["id"])
    return [row for row in below if row["id"] not in left_out]


def _copy(row: TreeRow, days: int, id_: str, parents: Mapping[str, str]) -> Row:
    # Behind what may have been left open, in their order. A rule begins a series of its own: that of before may go on.
    dated = moved(row, days)
    series = id_ if row["recurrence"] is not None and row["due_local"] is not None else None
    recurs = {"series_id": series, "occurrence": dated["due_local"][:10] if series else None}
    if series is None:
        recurs |= {"recurrence": None, "recurs_from": None}
    copy: Row = {**row, **dated, **recurs, "id": id_, "parent_id": parents[row["parent_id"] or ""], "position": None}
    copy["reminders"] = reminders.of_dates(row["reminders"])
    del copy["level"]
    return copy


def is_untouched(row: Row, below: Collection[TreeRow]) -> bool:
    """Whether nothing was done to an open successor, nor below it, since it was made."""
    return all(
        each["revision"] == each["sequence"]
        and each["created_at"] == row["created_at"]
        and each["completed_at"] is None
        for each in (row, *below)
    )
