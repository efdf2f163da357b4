"""One owner's tasks, in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from doable.database import Database, Transaction
from doable.errors import ReferenceNotFound, Unauthenticated
from doable.tasks import cursors
from doable.tasks.as_json import as_json
from doable.tasks.listing import INBOX, OWN, SIZE, Listing, Plan, column_of, count_of, least_of, page_of, plan_of

SHORT_OFFSET: Final = 1000
"""The database walks over all the rows that are left out."""

SMALL: Final = 2000
"""An account of so many tasks may be walked over whole: that takes 2 ms at most."""

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the tasks."""

    tasks: str
    """As JSON, separated by commas."""
    total: int | None
    """None where something filters and nobody asked for it."""
    next_cursor: str | None


class TaskPages:
    """One owner's tasks, in pages."""

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    async def page(
        self, listing: Listing, *, limit: int, offset: int = 0, cursor: str | None = None, total: bool = False
    ) -> Page:
        """Some of the tasks, from an offset or a cursor on; with `total`, also how many there are where something filters.

        Raises SortNeeds, CursorInvalid, ReferenceNotFound for what is none of the owner's, and Unauthenticated if there is
        no such owner any longer.
        """
        plan = plan_of(listing)
        after = () if cursor is None else cursors.read(cursor, plan.digest, [key.read for key in plan.keys])
        parameters = {"owner_id": self._owner_id, "limit": limit + 1, "offset": offset, **self._parameters(plan, after)}
        form = plan.form._replace(continues=True) if after else plan.form
        counts = total and not plan.is_whole

        async def work(tx: Transaction) -> tuple[list[Values], int | None]:
            rows = await tx.all(page_of(form), **parameters)
            counted = await tx.one(count_of(plan.form), **parameters) if counts else None
            return rows, None if counted is None else counted["total"]

        long = (counts or offset > SHORT_OFFSET or not form.is_walk) and await self._size() > SMALL
        # A transaction of its own is two more round trips to PostgreSQL.
        rows, number = await (self._database.read(work, long=long) if long or counts else work(self._database))
        if plan.named:
            await self._look_up(plan, rows)
        if not rows:
            # Nothing is on the page: it is past the end, or there is no such owner any longer.
            size = await self._size()
            return Page("", size if plan.is_whole else number, None)
        if plan.is_whole and rows[0][-1] is None:
            raise Unauthenticated
        last_row = rows[limit - 1] if len(rows) > limit else None
        return Page(
            ",".join(map(as_json, rows[:limit])),
            rows[0][-1] if plan.is_whole else number,
            None if last_row is None else cursors.made(plan.digest, [key.of(last_row) for key in plan.keys]),
        )

    def _parameters(self, plan: Plan, after: Sequence[Any]) -> Mapping[str, Any]:
        found: dict[str, Any] = {f"after_{number}": value for number, value in enumerate(after)}
        for name, value in plan.parameters.items():
            found[name] = self._owner_id if value == INBOX else value
        return found

    async def _size(self) -> int:
        """How many tasks there are. Raises Unauthenticated if there is no such owner any longer."""
        owner = await self._database.one(SIZE, owner_id=self._owner_id)
        if owner is None:
            raise Unauthenticated
        size: int = owner["total"]
        return size

    async def _look_up(self, plan: Plan, rows: list[Values]) -> None:
        """Raise ReferenceNotFound for an id that is none of the owner's. What a task of the owner's is in, is."""
        for name, ids in plan.named:
            place = column_of(f"{name}_id")
            unseen = sorted(ids - {row[place] for row in rows})
            if unseen:
                several = least_of(len(unseen))
                padded = {f"id_{number}": unseen[min(number, len(unseen) - 1)] for number in range(several)}
                found = await self._database.all(OWN[name][several], owner_id=self._owner_id, **padded)
                if len(found) < len(unseen):
                    raise ReferenceNotFound("query", name)
