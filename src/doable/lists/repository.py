"""The SQL of lists that other kinds do not have."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from doable.database import Row, Statement, Transaction
from doable.database.protocol import Work
from doable.errors import ListNotFound, ReferenceNotFound, TooMany
from doable.owned import positions
from doable.owned.owners import advance
from doable.owned.repository import OwnedRepository, Revisions, Stamp
from doable.tasks.tables import READ_LISTS, ListRow, lists

MAX_LISTS: Final = 500

OWN = lists.c.owner_id == bindparam("owner_id")
ALL = Statement(select(*READ_LISTS).where(OWN).order_by(lists.c.position, lists.c.sequence))
COUNT = Statement(select(func.count().label("number")).select_from(lists).where(OWN))
POSITIONS = Statement(select(lists.c.id, lists.c.position).where(OWN).order_by(lists.c.position, lists.c.sequence))


class ListRepository(OwnedRepository[ListRow]):
    """One owner's lists."""

    kind = "list"
    table = lists
    read = READ_LISTS
    not_found = ListNotFound

    async def all(self) -> list[Row]:
        """All of them, by their positions."""
        return await self._database.all(ALL, owner_id=self._owner_id)

    def move(self, list_id: str, to: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Put it before or after another, or in the first or last place.

        If no short key is left between its neighbours, they get new ones, each with a revision of its own. Raises
        ReferenceNotFound if there is no such other list.
        """

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id)
            revision = owner["revision"]
            old = await self.take(tx, list_id, expected)
            others = [row for row in await tx.all(POSITIONS, owner_id=self._owner_id) if row["id"] != list_id]
            index = _index(others, to)
            key, crowded = positions.place([row["position"] for row in others], index, revision)
            if not crowded:
                return await self.put(tx, old, {"position": key}, revision)
            # The list itself stands among them, and is written last, since the work answers it.
            moved = [row["id"] for row in others[crowded.start : index]]
            after = [row["id"] for row in others[index : crowded.stop]]
            low = others[crowded.start - 1]["position"] if crowded.start else positions.first(revision)
            high = others[crowded.stop]["position"] if crowded.stop < len(others) else positions.last(revision)
            keys = positions.spread(low, high, len(moved) + 1 + len(after))
            own = keys.pop(len(moved))
            owner = await advance(tx, self._owner_id, by=len(keys))
            revision = owner["revision"]
            for number, (id_, each) in enumerate(zip([*moved, *after], keys, strict=True)):
                row = await self.take(tx, id_)
                await self.put(tx, row, {"position": each}, revision - len(keys) + number)
            return await self.put(tx, old, {"position": own}, revision)

        return work

    def prepare(self, old: ListRow | None, changes: Mapping[str, Any], stamp: Stamp) -> Mapping[str, Any]:
        """A new list stands last."""
        return changes if old is not None else {**changes, "position": positions.last(stamp.revision)}

    async def added(self, tx: Transaction) -> None:
        """Raise TooMany if there are more lists than one user may have."""
        found = await tx.one(COUNT, owner_id=self._owner_id)
        if found is not None and found["number"] > MAX_LISTS:
            raise TooMany("lists")


def _index(others: list[Row], to: Mapping[str, Any]) -> int:
    """The index of the list before which it is to stand."""
    if to["place"] is not None:
        return 0 if to["place"] == "first" else len(others)
    name = "before" if to["before"] is not None else "after"
    wanted = str(to[name])
    for index, row in enumerate(others):
        if row["id"] == wanted:
            return index + (name == "after")
    raise ReferenceNotFound("body", name)
