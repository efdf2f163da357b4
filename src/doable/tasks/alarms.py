"""When reminders come: `alarms` has a row for each that is to come, and is kept in step with `tasks.reminders`.

Steps of a write that has taken the owner's row. Who comes when is found by `fire_at` alone, for all owners at once
(`notifications/firing.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Index, Insert, Table, Text, bindparam, delete, insert

from doable import clock
from doable.database import Statement, Transaction
from doable.database.naming import metadata
from doable.database.types import Id, Ids, Instant, instant_to_text, one_of
from doable.owned.tables import owners
from doable.tasks.preferred import preferred
from doable.tasks.reminders import MAX_REMINDERS, Alarm, Whereabouts, alarm, comes_at, from_text, to_text
from doable.tasks.tables import TaskRow

alarms = Table(
    "alarms",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("task_id", Id, primary_key=True),
    # The reminder's. It is one of this task: another may have one of the same id, which a client has chosen.
    Column("id", Id, primary_key=True),
    Column("fire_at", Instant, nullable=False),
    # By what of the preferences that was computed. Null where it makes no difference, as to one that was put off.
    Column("timezone", Text),
    Column("day_reminder_at", Text),
    Index("ix_alarms_fire_at", "fire_at"),
    sqlite_with_rowid=False,
)

_OF_TASK: Final = (alarms.c.owner_id == bindparam("owner_id"), alarms.c.task_id == bindparam("task_id"))
FORGET: Final = Statement(delete(alarms).where(*_OF_TASK, one_of(alarms.c.id, bindparam("ids", type_=Ids()))))
FORGET_ALL: Final = Statement(delete(alarms).where(*_OF_TASK))


def _setting(count: int) -> Insert:
    """Sets so many alarms of a task. One by one, those of 500 subtasks would be 10,000 statements."""
    of_task = {name: bindparam(f"its_{name}", type_=Id()) for name in ("owner_id", "task_id")}
    own = [column for column in alarms.c if column.name not in of_task]
    return insert(alarms).values(
        [of_task | {each.name: bindparam(f"{each.name}_{n}", type_=each.type) for each in own} for n in range(count)]
    )


SET: Final = [Statement(_setting(count)) for count in range(1, MAX_REMINDERS + 1)]


async def whereabouts(tx: Transaction, owner_id: str) -> Whereabouts:
    """What the owner's preferences say of where the owner is."""
    return known(await preferred(tx, owner_id))


def known(row: Mapping[str, Any]) -> Whereabouts:
    """The same of preferences."""
    return Whereabouts(clock.known_zone(row["timezone"]), row["day_reminder_at"])


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
    old_alarms = {id_: alarm(old or blank, each, here) for id_, each in before.items()}
    new_alarms = {id_: alarm(new, each, here) for id_, each in after.items()}
    await move(tx, old_alarms, new_alarms, owner_id=owner_id, task_id=task_id)
    return {**changes, "reminders": to_text([*after.values()])}


async def bring_back(tx: Transaction, row: Mapping[str, Any], now: Mapping[str, Any] | None) -> str | None:
    """The reminders of a task that comes back by an undo, each as it was: one that was put off still is. The alarms accordingly.

    If the preferences were changed since the row was written, one that does not wait for the same instant now comes by its date.
    What is past by now does not come, unless it waits, and only where the owner is has been changed. `now` is the task as it
    was changed to.
    """
    prefers, present = await preferred(tx, row["owner_id"]), clock.now()
    here, is_elsewhere = known(prefers), prefers["revision"] > row["revision"]
    waits = {} if now is None else {each["id"]: each for each in from_text(now["reminders"]) if each["remind_at"]}
    back = []
    for each in from_text(row["reminders"]):
        waiting = waits.get(each["id"])
        is_same = waiting is not None and waiting["remind_at"] == each["remind_at"]
        if each["remind_at"] is not None and not is_same:
            at = comes_at(row, each, here) if is_elsewhere else datetime.fromisoformat(each["remind_at"])
            is_late = now is not None and waiting is not None and comes_at(now, waiting, here) == at
            each["remind_at"] = instant_to_text(at) if at is not None and (at > present or is_late) else None
        back.append(each)
    will = {each["id"]: alarm(row, each, here) for each in back}
    await move(tx, {}, will, owner_id=row["owner_id"], task_id=row["id"])
    return to_text(back)


async def move(
    tx: Transaction,
    before: Mapping[str, Alarm | None],
    after: Mapping[str, Alarm | None],
    *,
    owner_id: str,
    task_id: str,
) -> None:
    """Have the alarms of a task be those of its reminders after a write, where they were those of before."""
    gone = [id_ for id_, was in before.items() if was is not None and after.get(id_) != was]
    if gone:
        await tx.later(FORGET, owner_id=owner_id, task_id=task_id, ids=gone)
    come = {id_: will for id_, will in after.items() if will is not None and before.get(id_) != will}
    await set_all(tx, come, owner_id=owner_id, task_id=task_id)


async def set_all(tx: Transaction, come: Mapping[str, Alarm], *, owner_id: str, task_id: str) -> None:
    """Set these alarms of a task, which has none of these reminders' yet."""
    every = [{"id": id_, **each._asdict()} for id_, each in come.items()]
    for first in range(0, len(every), MAX_REMINDERS):  # a newer server may let a task have more
        rows = every[first : first + MAX_REMINDERS]
        values = {f"{name}_{n}": value for n, row in enumerate(rows) for name, value in row.items()}
        await tx.later(SET[len(rows) - 1], its_owner_id=owner_id, its_task_id=task_id, **values)


async def forget(tx: Transaction, owner_id: str, task: TaskRow) -> None:
    """Delete the alarms of a task that is gone."""
    if task["reminders"] is not None:
        await tx.later(FORGET_ALL, owner_id=owner_id, task_id=task["id"])
