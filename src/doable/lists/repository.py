"""The SQL of lists that other kinds do not have."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, bindparam, select

from doable.database import Row, Statement, Transaction
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import Invalid, ListNotFound, TooManyRows
from doable.owned.ordering import OrderedRepository
from doable.owned.owners import OwnerRow, advance, store
from doable.owned.repository import Revisions
from doable.preferences.repository import forget_list
from doable.sections.repository import SectionRepository
from doable.tasks.filed_under import READ_LISTS, ListRow, SectionRow, lists, sections
from doable.tasks.filing import SoFar, move_to_inbox, remove_all
from doable.tasks.object_repository import OF_LIST, ObjectRepository
from doable.tasks.repository import TaskRepository

MAX_LISTS: Final = 500

SECTIONS: Final = Statement[SectionRow](
    select(sections)
    .where(sections.c.owner_id == bindparam("owner_id"), sections.c.list_id == bindparam("list_id"))
    .limit(bindparam("limit", type_=BigInteger()))
)

AT: Final = Statement(
    select(lists.c.id).where(lists.c.owner_id == bindparam("owner_id"), lists.c.dav_name == bindparam("dav_name"))
)

Tasks = Literal["inbox", "delete"]
"""Where the tasks of a list go that is deleted."""


class ListRepository(OrderedRepository[ListRow]):
    """One owner's lists."""

    kind = "list"
    table = lists
    read = READ_LISTS
    not_found = ListNotFound
    most = MAX_LISTS

    def add(self, new: Mapping[str, Any], id_: str | None = None) -> Work[Row]:
        """As with every kind. Raises Invalid for the owner's own id: in the index of places, that is the inbox."""
        if id_ == self._owner_id:
            raise Invalid("your own id stands for the inbox", where=("path", "list_id"))
        return super().add(new, id_)

    def remove(self, id_: str, *, expected: Revisions | None = None, tasks: Tasks = "inbox") -> Work[Row]:
        """Remove it, its sections and its objects; its tasks go to the end of the inbox, in their order, or are removed too.

        Raises TooManyRows if that is more than a transaction may write: then it is emptied first.
        """

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            await self._take_out(tx, id_, tasks)
            owner = await advance(tx, self._owner_id)
            await self.bury(tx, [old], owner["revision"])
            return {"id": id_, "revision": owner["revision"]}

        return work

    def empty(self, id_: str, *, expected: Revisions | None = None, tasks: Tasks = "inbox") -> Work[bool]:
        """A part of its removal, which leaves the list itself. Answers whether there is more to do."""
        so_far = SoFar()

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            await self.take(tx, id_, expected)
            return await self._take_out(tx, id_, tasks, so_far)

        return work

    async def bring_back(self, tx: Transaction, row: Row, owner: OwnerRow, *, now: Row | None) -> int:
        """Where another list is by now at its address in CalDAV, it is there by its id."""
        if row["dav_name"] is not None and await tx.all(AT, owner_id=self._owner_id, dav_name=row["dav_name"]):
            await store(tx, self._owner_id, -len(row["dav_name"].encode()))
            row = {**row, "dav_name": None}
        return await super().bring_back(tx, row, owner, now=now)

    async def bury(self, tx: Transaction, rows: Sequence[ListRow], revision: int) -> None:
        """A list that goes is the default of new tasks no longer."""
        await super().bury(tx, rows, revision)
        for row in rows:
            await forget_list(tx, self._owner_id, row["id"])

    async def _take_out(self, tx: Transaction, id_: str, tasks: Tasks, so_far: SoFar | None = None) -> bool:
        """Its tasks first, then its sections and its objects, so many that there is room for the list itself."""
        before = await advance(tx, self._owner_id, by=0)
        file = remove_all if tasks == "delete" else move_to_inbox
        if await file(TaskRepository(self._database, self._owner_id, self._limits), id_, so_far)(tx):
            return True
        for of, rows_of_list in (SectionRepository, SECTIONS), (ObjectRepository, OF_LIST):
            filed = await advance(tx, self._owner_id, by=0)
            room = SLICE - 1 - (filed["revision"] - before["revision"])
            found: list[Any] = await tx.all(rows_of_list, owner_id=self._owner_id, list_id=id_, limit=room + 1)
            if so_far is None and len(found) > room:
                raise TooManyRows
            rows = found[:room]
            owner = await advance(tx, self._owner_id, by=len(rows))
            repository = of(self._database, self._owner_id, self._limits)
            await repository.bury(tx, rows, owner["revision"] - len(rows) + 1)
            if len(found) > room:
                return True
        return False
