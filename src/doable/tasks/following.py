"""Reminders follow their owner: when the preferences change, those of floating dates come by the clock that is the owner's then.

An alarm says by what it was computed. So what is left to do is known from the alarms alone, whatever has been done of it, and for whichever
change of the preferences that was.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Text, bindparam, delete, or_, select

from doable import clock
from doable.database import Statement, Transaction
from doable.database.pages import SLICE
from doable.database.types import Ids, instant_to_text, one_of
from doable.errors import TooManyRows
from doable.owned.owners import advance
from doable.tasks.alarms import alarms, set_all
from doable.tasks.reminders import Whereabouts, alarm, comes_at, from_text, to_text
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import TaskRow, tasks

FOLLOWED: Final = frozenset(Whereabouts._fields)
"""The preferences that reminders follow."""

_ELSEWHERE: Final = (
    alarms.c.owner_id == bindparam("owner_id"),
    or_(
        alarms.c.timezone != bindparam("timezone", type_=Text()),
        alarms.c.day_reminder_at != bindparam("day_reminder_at", type_=Text()),
    ),
)
_THESE: Final = bindparam("task_ids", type_=Ids())
OF_TASKS: Final = Statement(
    select(alarms.c.task_id).where(*_ELSEWHERE).distinct().order_by(alarms.c.task_id).limit(SLICE)
)
TAKE: Final = Statement(
    delete(alarms)
    .where(*_ELSEWHERE, one_of(alarms.c.task_id, _THESE))
    .returning(alarms.c.task_id, alarms.c.id, alarms.c.fire_at)
)
TASKS: Final = Statement[TaskRow](
    select(*tasks.c).where(tasks.c.owner_id == bindparam("owner_id"), one_of(tasks.c.id, _THESE))
)


async def follow(tx: Transaction, owner_id: str, here: Whereabouts, *, whole: bool) -> bool:
    """Have the reminders that are to come do so by where the owner is now. Answers whether there may be more.

    Those that were put off stay, and what is past by now comes at once. The owner's row is taken. Raises TooManyRows if
    it is to be the whole, and that is more than a transaction may write.
    """
    elsewhere = {"owner_id": owner_id, **here._asdict()}
    task_ids = [row["task_id"] for row in await tx.all(OF_TASKS, **elsewhere)]
    has_more = len(task_ids) == SLICE
    if whole and has_more:
        raise TooManyRows
    if not task_ids:
        return False
    taken = await tx.all(TAKE, **elsewhere, task_ids=task_ids)
    due = {(row["task_id"], row["id"], instant_to_text(row["fire_at"])) for row in taken}
    rows = await tx.all(TASKS, owner_id=owner_id, task_ids=task_ids)
    moved = [(row, await _move(tx, row, due, here)) for row in rows]
    await _write(tx, owner_id, [(row, text) for row, text in moved if text != row["reminders"]])
    return has_more


async def _move(tx: Transaction, row: TaskRow, due: set[tuple[str, str, str]], here: Whereabouts) -> str | None:
    """The text of its reminders as they come from now on. Those that were due then get their alarms again."""
    after, come = [], {}
    for each in from_text(row["reminders"]):
        # Code that knows no alarms may have left one of a reminder that is no longer there, or is another one.
        if (row["id"], each["id"], each["remind_at"]) in due:
            at = comes_at(row, each, here)
            each["remind_at"] = None if at is None else instant_to_text(at)
            will = alarm(row, each, here)
            if will is not None:
                come[each["id"]] = will
        after.append(each)
    await set_all(tx, come, owner_id=row["owner_id"], task_id=row["id"])
    return to_text(after)


async def _write(tx: Transaction, owner_id: str, changed: Sequence[tuple[TaskRow, str | None]]) -> None:
    more = sum(len(text or "") - len(row["reminders"] or "") for row, text in changed)
    owner = await advance(tx, owner_id, by=len(changed), more=more)
    for revision, (row, text) in enumerate(changed, owner["revision"] - len(changed) + 1):
        stamp = {"updated_at": clock.later_than(row["updated_at"]), "revision": revision}
        write = TaskRepository.statements.write
        await tx.one(write, this_owner=owner_id, this_id=row["id"], **{**row, "reminders": text, **stamp})
