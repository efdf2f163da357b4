"""The place of a task among the open ones of its list. No two of them have the same position, whatever their parents are.

So a key beside one task is beside it among its siblings too, and the neighbours are found by the index of the list, in the
same time however many tasks there are.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, select

from doable.database import Statement, Transaction
from doable.owned import positions
from doable.owned.owners import advance
from doable.owned.positions import MAX_LENGTH, TOGETHER, between, first, last, spread
from doable.owned.repository import OwnedRepository
from doable.tasks.tables import IS_OPEN, LIST, PLACE, TaskRow, tasks


class Place(NamedTuple):
    """Where a task comes to stand."""

    position: str
    moved: list[tuple[TaskRow, Mapping[str, str]]]
    """The neighbours that get other positions with it, and these as the columns that change: mostly none."""


IN_LIST: Final = LIST == bindparam("list_id", type_=LIST.type)  # noqa: SIM300 - a column


def _open(where: ColumnElement[bool], order: ColumnElement[str]) -> Statement[TaskRow]:
    return Statement(
        select(*tasks.c)
        .where(tasks.c.owner_id == bindparam("owner_id"), IN_LIST, IS_OPEN, where)
        .where(tasks.c.id != bindparam("this_id", type_=tasks.c.id.type))
        .order_by(order)
        .limit(bindparam("limit", type_=BigInteger()))
    )


CUT: Final = bindparam("cut", type_=PLACE.type)
BEFORE: Final = _open(PLACE < CUT, PLACE.desc())
BEHIND: Final = _open(PLACE >= CUT, PLACE)
AT: Final = _open(PLACE == CUT, PLACE)


def position_of(row: TaskRow) -> str:
    """Its position, also while it was never moved."""
    return row["position"] or last(row["sequence"])


async def beside(
    tx: Transaction, row: TaskRow, list_id: str | None, neighbour: TaskRow, *, behind: bool, revision: int
) -> Place:
    """A place directly before or behind another task in that list. The owner's row was taken at this revision."""
    here = position_of(neighbour)
    # Nothing comes between a key and the same key with the lowest digit appended, which is no key.
    cut = here + positions.DIGITS[0] if behind else here
    find = {"owner_id": row["owner_id"], "list_id": list_id or row["owner_id"], "this_id": row["id"], "cut": cut}
    next_one = await tx.one(BEHIND if behind else BEFORE, **find, limit=1)
    if next_one is None:
        return Place(last(revision) if behind else first(revision), [])
    low, high = sorted((here, position_of(next_one)))
    key = between(low, high)
    if len(key) <= MAX_LENGTH:
        return Place(key, [])
    before = await tx.all(BEFORE, **find, limit=TOGETHER + 1)
    after = await tx.all(BEHIND, **find, limit=TOGETHER + 1)
    low = position_of(before.pop()) if len(before) > TOGETHER else first(revision)
    high = position_of(after.pop()) if len(after) > TOGETHER else last(revision)
    keys = spread(low, high, len(before) + 1 + len(after))
    own = keys.pop(len(before))
    return Place(own, [(each, {"position": key}) for each, key in zip([*reversed(before), *after], keys, strict=True)])


async def put_last(
    tx: Transaction, repository: OwnedRepository[TaskRow], changed: Sequence[tuple[TaskRow, Mapping[str, Any]]]
) -> None:
    """Change these rows, each at a revision of its own, and put them last, in their order. The owner's row was taken."""
    if changed:
        owner = await advance(tx, repository.owner_id, by=len(changed))
        for revision, (row, changes) in enumerate(changed, owner["revision"] - len(changed) + 1):
            await repository.put(tx, row, {**changes, "position": last(revision)}, owner, revision)


async def reopened(tx: Transaction, row: TaskRow, revision: int) -> Place | None:
    """Another place for a completed task that is reopened, where an open one stands in its own by now; None if none does."""
    find = {"owner_id": row["owner_id"], "list_id": row["list_id"] or row["owner_id"], "this_id": row["id"]}
    there = await tx.one(AT, **find, cut=position_of(row), limit=1)
    return there and await beside(tx, row, row["list_id"], there, behind=True, revision=revision)
