"""One owner's objects: events and journals. They are no kind of the API, but of the journal of undo, of exports and of what is counted."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, bindparam, select

from doable.database import Row, Statement, Transaction
from doable.errors import NotFound
from doable.ical.lines import lines
from doable.ical.text import unescaped
from doable.owned.owners import OwnerRow
from doable.owned.repository import OwnedRepository
from doable.tasks import names
from doable.tasks.objects import ObjectRow, ical_objects

LONGEST_TITLE: Final = 200

OF_LIST = Statement[ObjectRow](
    select(ical_objects)
    .where(ical_objects.c.owner_id == bindparam("owner_id"), ical_objects.c.list_id == bindparam("list_id"))
    .order_by(ical_objects.c.revision)
    .limit(bindparam("limit", type_=BigInteger()))
)


class ObjectRepository(OwnedRepository[ObjectRow]):
    """One owner's objects."""

    kind = "object"
    table = ical_objects
    read = tuple(ical_objects.c)
    not_found = NotFound
    references: ClassVar[Mapping[str, str]] = {"list_id": "list"}

    @classmethod
    def title_of(cls, row: Row) -> str | None:
        """Its first SUMMARY."""
        said = (line.value for line in lines(row["ical_text"]) if line.name == "SUMMARY")
        return unescaped(next(said, ""))[:LONGEST_TITLE] or None

    async def put(
        self, tx: Transaction, old: ObjectRow, changes: Mapping[str, Any], owner: OwnerRow, revision: int | None = None
    ) -> Row:
        """As with every kind. What leaves a list or its name there is noted."""
        await names.leave(tx, old, {**old, **changes}, owner["revision"] if revision is None else revision)
        return await super().put(tx, old, changes, owner, revision)

    async def bring_back(self, tx: Transaction, row: Row, owner: OwnerRow, *, now: Row | None) -> int:
        """The same when a move is undone."""
        if now is not None:
            await names.leave(tx, now, row, owner["revision"])
        return await super().bring_back(tx, row, owner, now=now)
