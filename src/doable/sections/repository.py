"""The SQL of sections that other kinds do not have."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from doable.database import Row, Transaction
from doable.database.protocol import Work
from doable.errors import ReferenceNotFound, SectionNotFound, TooManyRows, UseMove
from doable.owned.ordering import OrderedRepository
from doable.owned.owners import OwnerRow, advance
from doable.owned.repository import Revisions
from doable.tasks.filed_under import READ_SECTIONS, SectionRow, sections
from doable.tasks.filing import SoFar, clear_section, take_along
from doable.tasks.references import LIST, check_list
from doable.tasks.repository import TaskRepository

MAX_SECTIONS: Final = 1000


class SectionRepository(OrderedRepository[SectionRow]):
    """One owner's sections. Those of one list stand in one order."""

    kind = "section"
    table = sections
    read = READ_SECTIONS
    not_found = SectionNotFound
    most = MAX_SECTIONS
    among = "list_id"
    references: ClassVar = {"list_id": "list"}

    async def of_list(self, list_id: str) -> list[Row]:
        """Those of one list, by their positions. Raises ReferenceNotFound if there is no such list."""

        async def work(tx: Transaction) -> list[Row]:
            if not await tx.one(LIST, owner_id=self._owner_id, this_id=list_id):
                raise ReferenceNotFound("query", "list")
            return await tx.all(self.order.siblings, owner_id=self._owner_id, among=list_id)

        return await self._database.read(work)

    async def resolve(
        self, tx: Transaction, old: SectionRow | None, columns: Mapping[str, Any], owner: OwnerRow
    ) -> tuple[Mapping[str, Any], OwnerRow]:
        """A new section is in a list of the owner's."""
        if old is None:
            await check_list(tx, self._owner_id, columns["list_id"])
        return columns, owner

    def move(self, id_: str, to: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Put it in another place of its list, or with its tasks into another list; there it is the last if nothing is said.

        Raises TooManyRows if the tasks are too many: then they are moved first.
        """

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            list_id = to.get("list_id", old["list_id"])
            if list_id != old["list_id"] and await self._take_along(tx, old, list_id):
                raise TooManyRows
            owner = await advance(tx, self._owner_id)
            says_where = any(to.get(name) is not None for name in ("before", "after", "place"))
            if list_id == old["list_id"] and not says_where:  # a move that is asked for again
                return await self.put(tx, old, {}, owner)
            return await self.put_in_place(tx, old, to, owner, {"list_id": list_id})

        return work

    def move_tasks(self, id_: str, to: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[bool]:
        """A part of its move to another list, which leaves the section itself. Answers whether there is more to do."""
        so_far = SoFar()

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            return await self._take_along(tx, old, to["list_id"], so_far)

        return work

    def remove(self, id_: str, *, expected: Revisions | None = None) -> Work[Row]:
        """Remove it; its tasks stay in the list. Raises TooManyRows if they are too many: then it is emptied first."""

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            await clear_section(self._tasks, id_)(tx)
            owner = await advance(tx, self._owner_id)
            await self.bury(tx, [old], owner["revision"])
            return {"id": id_, "revision": owner["revision"]}

        return work

    def empty(self, id_: str, *, expected: Revisions | None = None) -> Work[bool]:
        """A part of its removal, which leaves the section itself. Answers whether there is more to do."""
        so_far = SoFar()

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            await self.take(tx, id_, expected)
            return await clear_section(self._tasks, id_, so_far)(tx)

        return work

    @staticmethod
    def to_columns(old: SectionRow | None, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """A merge patch may name the list, but not another one: that takes the tasks along, and is a move."""
        if old is not None and members.get("list_id", old["list_id"]) != old["list_id"]:
            raise UseMove(where=("body", "list_id"))
        return members

    async def _take_along(self, tx: Transaction, old: SectionRow, to_list: str, so_far: SoFar | None = None) -> bool:
        await check_list(tx, self._owner_id, to_list)
        return await take_along(self._tasks, old["id"], old["list_id"], to_list, so_far)(tx)

    @property
    def _tasks(self) -> TaskRepository:
        return TaskRepository(self._database, self._owner_id, self._limits)
