"""One owner's tasks, in pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from doable.database import Database, Reading
from doable.errors import ReferenceNotFound, Unauthenticated
from doable.tasks.as_json import as_json
from doable.tasks.asking import ask
from doable.tasks.few import list_few, to_count
from doable.tasks.listing import OWN, SIZE, Listing, count_of
from doable.tasks.plans import planned
from doable.tasks.searching import search
from doable.tasks.tables import reader
from doable.tasks.walking import Walked, Walking, start

SHORT_OFFSET: Final = 1000
"""The database walks over all the rows that are left out."""

SMALL: Final = 2000
"""An account of so many tasks may be walked over whole: that takes 2 ms at most, unless their words are read."""

NOTHING: Final = Walked((), None)

_REFERS: Final = {name: reader(f"{name}_id") for name in ("list", "section", "parent")}

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

    def __init__(self, database: Database, owner_id: str, may_go_on: Callable[[], bool] = lambda: True) -> None:
        self._database = database
        self._owner_id = owner_id
        self._may_go_on = may_go_on

    async def page(
        self, listing: Listing, *, limit: int, offset: int = 0, cursor: str | None = None, total: bool = False
    ) -> Page:
        """Some of the tasks, from an offset or a cursor on; with `total`, also how many there are where something filters.

        Raises SortNeeds, CursorInvalid, NothingToSearch, TooManyTerms, ReferenceNotFound for what is none of the owner's, and
        Unauthenticated if there is no such owner any longer.
        """
        plan = await planned(listing)
        asked = await ask(self._database, self._owner_id, plan, listing.timezone)
        begin = start(plan, asked.zone, cursor)
        parameters = {"owner_id": self._owner_id, **asked.parameters}
        counts = total and not plan.is_whole
        needs_no_size = plan.is_search or (plan.is_walk and not counts)
        size = 0 if needs_no_size and offset <= SHORT_OFFSET else await self._size()
        is_past = SHORT_OFFSET < offset >= size
        looks = (plan.apart or plan.is_scanned) and (plan.is_search or size > SMALL)

        async def work(tx: Reading) -> tuple[Walked, int | None]:
            listed, known = await list_few(tx, plan, parameters) if looks else (plan, parameters)
            walked = NOTHING if is_past else await Walking(tx, listed, known, asked.zone).page(begin, limit, offset)
            counted = await tx.one(count_of(to_count(plan, listed), large=plan.is_large), **known) if counts else None
            return walked, None if counted is None else counted["total"]

        if plan.is_search:
            walked, number = await search(self._database, self._owner_id, work, self._may_go_on)
        else:
            # In a large question's thread its statements are made as well, for which the event loop would stand still.
            long = plan.is_large or size > SMALL
            several = bool(looks or counts or len(plan.order.walks) > 1)
            if several or long:
                walked, number = await self._database.read(work, long=long, seldom=not plan.is_large, alone=not several)
            else:
                walked, number = await work(self._database)
        rows = walked.rows
        if listing.named:
            await self._look_up(listing, rows)
        if not rows:
            # Nothing is on the page: it is past the end, or there is no such owner any longer.
            total_now = size if is_past else await self._size()
            return Page("", total_now if plan.is_whole else number, None)
        if plan.is_whole and rows[0][-1] is None:
            raise Unauthenticated
        return Page(",".join(map(as_json, rows)), rows[0][-1] if plan.is_whole else number, walked.cursor)

    async def _size(self) -> int:
        """How many tasks there are. Raises Unauthenticated if there is no such owner any longer."""
        owner = await self._database.one(SIZE, owner_id=self._owner_id)
        if owner is None:
            raise Unauthenticated
        size: int = owner["total"]
        return size

    async def _look_up(self, listing: Listing, rows: Sequence[Values]) -> None:
        """Raise ReferenceNotFound for an id that is none of the owner's. What a task of the owner's is in, is."""
        for name, ids in listing.named:
            unseen = sorted(ids - set(map(_REFERS[name], rows)))
            if unseen:
                found = await self._database.all(OWN[name], owner_id=self._owner_id, ids=unseen)
                if len(found) < len(unseen):
                    raise ReferenceNotFound("query", name)
