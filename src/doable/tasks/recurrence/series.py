"""How a series goes on: the successor of a task that is completed, and what stands in the way of a rule that comes back.

Of the tasks of a series one at most is open and has a rule.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from doable import clock
from doable.database import Row, Statement, Transaction
from doable.database.types import Ids, one_of
from doable.errors import NoNextOccurrence, NotRecurring, OccurrencePassed
from doable.tasks import dates, names, reminders
from doable.tasks.asking import present
from doable.tasks.order import position_of
from doable.tasks.recurrence import any_rule, occurrences
from doable.tasks.recurrence.rules import Rule, parse
from doable.tasks.recurrence.stored import NO_RULE, Next, anchor, due_day, moved, moved_on, occurrence_of, on
from doable.tasks.tables import IS_OPEN, TaskRow, tasks
from doable.tasks.trees import TreeRow

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
    """Where the series of this open task goes on when it is completed now; None where it ends. Raises NoNextOccurrence."""
    if row["recurrence"] is None or row["due_local"] is None:  # older code has taken the date away
        return None
    zone, now = row["due_timezone"], clock.now()
    if zone is None or not clock.is_zone(zone):  # a newer server may know more of them
        here = await present(tx, row["owner_id"])
        zone, now = here.zone, here.now
    if any_rule.is_needed(row):
        return await tx.aside(partial(any_rule.next_of, row, zone, now))
    return next_of(row, parse(row["recurrence"]), now, zone)


def next_of(row: TaskRow, rule: Rule, now: datetime, zone: str) -> Next | None:
    """As `following`, where the zone is known in which days begin."""
    found = _next_of(row, rule, now, zone)
    return None if found is None else on(row, *found)


def _next_of(row: TaskRow, rule: Rule, now: datetime, zone: str) -> tuple[date, Rule] | None:
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


async def skipped(tx: Transaction, row: TaskRow, occurrence: str | None) -> Mapping[str, Any]:
    """The columns of the task at its next date, past or not. Raises NotRecurring, OccurrencePassed or NoNextOccurrence."""
    if row["completed_at"] is not None or row["recurrence"] is None:
        raise NotRecurring
    if occurrence not in {None, row["occurrence"]}:
        raise OccurrencePassed
    if row["due_local"] is None:  # older code has taken it away
        raise NoNextOccurrence
    if any_rule.is_needed(row):
        zone = row["due_timezone"] or (await present(tx, row["owner_id"])).zone
        found = await tx.aside(partial(any_rule.next_of, row, zone, None))
    else:
        found = skipped_to(row, parse(row["recurrence"]))
    if found is None:
        raise NoNextOccurrence
    return moved_on(row, found)


def skipped_to(row: TaskRow, rule: Rule) -> Next | None:
    """Where it goes on by a rule of the API's, past or not."""
    due, first = due_day(row), occurrence_of(row)
    if row["recurs_from"] == "completion":
        found = occurrences.following_completion(rule, due, due)
    else:
        found = occurrences.following(rule, first, max(first, due))
    return None if found is None else on(row, *found)


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
    called = {"ical_uid": names.uid_of(row), "ical_name": names.name_of(row), "ical_revision": None}
    successor = {**row, **moved_on(row, found), **fresh, **called, "id": id_, "position": position_of(row)}
    successor["reminders"] = reminders.of_dates(row["reminders"])
    copied = _without_history(below)
    ids = await _ids(tx, id_, [each["id"] for each in copied])
    parents = {row["id"]: id_, **ids}
    return [successor, *(_copy(each, found.by, ids[each["id"]], parents) | fresh for each in copied)]


async def handed_over(tx: Transaction, row: TaskRow, revision: int) -> Mapping[str, Any]:
    """What a task is called in CalDAV when it is completed, since its successor has its name and UID: there a series is one resource."""
    done = f"{row['id']}-done"
    found = await names.look(tx, row["owner_id"], names.list_of(row), name=f"{done}.ics", uid=done, but=row["id"])
    if found.name is not None or found.uid is not None or done in {names.uid_of(row), names.name_of(row)[:-4]}:
        done = f"{done}-{revision}"
    # The text says another UID now.
    return {"ical_uid": done, "ical_name": f"{done}.ics", "ical_revision": None}


def given_back(row: TaskRow, successor: Row) -> Mapping[str, str | None]:
    """What a task is called again when its successor goes."""
    uid, name = names.uid_of(successor), names.name_of(successor)
    return {
        "ical_uid": None if uid == row["id"] else uid,
        "ical_name": None if name == f"{row['id']}.ics" else name,
    }


def _without_history(below: Sequence[TreeRow]) -> list[TreeRow]:
    """What is copied: not what has a successor there itself, and is done for good."""
    left_out = {row["id"] for row in below if row["next_id"] is not None}
    for row in sorted(below, key=lambda each: each["level"]):
        if row["parent_id"] in left_out:
            left_out.add(row["id"])
    return [row for row in below if row["id"] not in left_out]


def _copy(row: TreeRow, by: timedelta, id_: str, parents: Mapping[str, str]) -> Row:
    # Behind what may have been left open, in their order. A rule begins a series of its own: that of before may go on.
    dated = moved(row, by)
    series = id_ if row["recurrence"] is not None and row["due_local"] is not None else None
    recurs = {"series_id": series}
    recurs |= {"occurrence": dated[f"{anchor(row)}_local"][:10]} if series else NO_RULE
    called = {"ical_uid": None, "ical_name": None, "ical_revision": None}
    placed = {"id": id_, "parent_id": parents[row["parent_id"] or ""], "position": None}
    copy: Row = {**row, **dated, **recurs, **called, **placed}
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
