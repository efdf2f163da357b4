"""When reminders come: `alarms` has a row for each that is to come, and is kept in step with `tasks.reminders`.

Steps of a write that has taken the owner's row. Who comes when is found by `fire_at` alone, for all owners at once
(`notifications/firing.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Index, Table, bindparam, delete, select

from doable import clock
from doable.database import Statement, Transaction, insert_row
from doable.database.naming import metadata
from doable.database.types import Id, Instant, instant_to_text
from doable.owned.tables import owners
from doable.tasks.preferred import DEFAULTS, preferences
from doable.tasks.reminders import Whereabouts, comes_at, from_text, to_text
from doable.tasks.tables import TaskRow

alarms = Table(
    "alarms",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("task_id", Id, primary_key=True),
    # The reminder's. It is one of this task: another may have one of the same id, which a client has chosen.
    Column("id", Id, primary_key=True),
    Column("fire_at", Instant, nullable=False),
    Index("ix_alarms_fire_at", "fire_at"),
    sqlite_with_rowid=False,
)

_OF_TASK: Final = (alarms.c.owner_id == bindparam("owner_id"), alarms.c.task_id == bindparam("task_id"))
HERE: Final = Statement(
    select(preferences.c.timezone, preferences.c.day_reminder_at).where(preferences.c.owner_id == bindparam("owner_id"))
)
SET: Final = Statement(insert_row(alarms))
FORGET: Final = Statement(delete(alarms).where(*_OF_TASK, alarms.c.id == bindparam("id")))
FORGET_ALL: Final = Statement(delete(alarms).where(*_OF_TASK))


async def whereabouts(tx: Transaction, owner_id: str) -> Whereabouts:
    """What the owner's preferences say of where the owner is."""
    return known(await tx.one(HERE, owner_id=owner_id) or DEFAULTS)


def known(preferred: Mapping[str, Any]) -> Whereabouts:
    """The same of preferences."""
    return Whereabouts(clock.known_zone(preferred["timezone"]), preferred["day_reminder_at"])


async def settle(
    tx: Transaction, old: TaskRow | None, changes: Mapping[str, Any], *, owner_id: str, task_id: str
) -> Mapping[str, Any]:
    """The columns that change, with when the reminders come by them; and the alarms accordingly.

    A reminder whose instant stays is left as it is: it may have come, or been put off. Any other one comes if its instant is
    not past.
    """
    blank: dict[str, Any] = dict.fromkeys(TaskRow.__annotations__)
    new: dict[str, Any] = {**blank, **(old or {}), **changes}
    here, now = await whereabouts(tx, owner_id), clock.now()
    before = {} if old is None else {each["id"]: each for each in from_text(old["reminders"])}
    is_open, was_open = new["completed_at"] is None, old is not None and old["completed_at"] is None
    after = {}
    for each in from_text(new["reminders"]):
        at = comes_at(new, each, here) if is_open else None
        was = before.get(each["id"])
        if was is not None and old is not None and was_open and is_open and comes_at(old, was, here) == at:
            remind_at = each["remind_at"] or was["remind_at"]  # the former where it is put off now
        else:
            remind_at = instant_to_text(at) if at is not None and at > now else None
        after[each["id"]] = {**each, "remind_at": remind_at}
    await move(tx, before, after, owner_id=owner_id, task_id=task_id)
    return {**changes, "reminders": to_text([*after.values()])}


async def bring_back(tx: Transaction, row: Mapping[str, Any], now: Mapping[str, Any] | None) -> str | None:
    """The reminders of a task that comes back by an undo, each as it was: one that was put off still is. The alarms accordingly.

    What is past by now does not come, unless it waits to come this very moment. `now` is the task as it was changed to.
    """
    waits = {} if now is None else {each["id"]: each["remind_at"] for each in from_text(now["reminders"])}
    present = instant_to_text(clock.now())
    back = {}
    for each in from_text(row["reminders"]):
        at = each["remind_at"]
        comes = at is not None and (at > present or at == waits.get(each["id"]))
        back[each["id"]] = each if comes else {**each, "remind_at": None}
    await move(tx, {}, back, owner_id=row["owner_id"], task_id=row["id"])
    return to_text([*back.values()])


async def move(
    tx: Transaction,
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    *,
    owner_id: str,
    task_id: str,
) -> None:
    """Have the alarms of a task be those of its reminders after a write, where they were those of before."""
    of_task = {"owner_id": owner_id, "task_id": task_id}
    was = {id_: each["remind_at"] for id_, each in before.items() if each["remind_at"] is not None}
    will = {id_: each["remind_at"] for id_, each in after.items() if each["remind_at"] is not None}
    for id_, at in was.items():
        if will.get(id_) != at:
            await tx.one(FORGET, **of_task, id=id_)
    for id_, at in will.items():
        if was.get(id_) != at:
            await tx.one(SET, **of_task, id=id_, fire_at=datetime.fromisoformat(at))


async def forget(tx: Transaction, owner_id: str, task: TaskRow) -> None:
    """Delete the alarms of a task that is gone."""
    if task["reminders"] is not None:
        await tx.one(FORGET_ALL, owner_id=owner_id, task_id=task["id"])
