"""What somebody has, in the order in which they see it: lists, their sections, tasks, and the tasks below these."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, bindparam, select

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.pages import SLICE, Order
from doable.database.types import Id, Numbers, one_of
from doable.export.repository import SECTIONS, ExportRepository
from doable.owned.positions import last
from doable.tasks.preferred import preferred
from doable.tasks.tables import READ, as_sent, tasks

TOGETHER: Final = 100

_ORDER: Final = Order(tasks.c.sequence)
_OWN: Final = tasks.c.owner_id == bindparam("user_id", type_=Id())
PLACES: Final = Statement(
    select(
        *(tasks.c.sequence, tasks.c.id, tasks.c.list_id, tasks.c.section_id, tasks.c.parent_id, tasks.c.position),
    )
    .where(_OWN, _ORDER.is_after)
    .order_by(*_ORDER.columns)
    .limit(bindparam("limit", type_=BigInteger()))
)
SOME: Final = Statement(
    select(*READ, tasks.c.exceptions, tasks.c.priority.label("number")).where(
        _OWN, one_of(tasks.c.sequence, bindparam("sequences", type_=Numbers()))
    ),
    lambda values: {
        **as_sent(values[:-2]),
        "sequence": values[READ.index(tasks.c.sequence)],
        "exceptions": values[-2],
        "ical_priority": values[-1],
    },
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A list begins, or a section of it. Without a list it is the inbox."""

    list: Row | None
    section: Row | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A task."""

    task: Row
    list: Row | None
    section: Row | None
    depth: int
    """How many tasks are above it."""


Piece = Heading | Entry


class _Place(NamedTuple):
    """Where a task is: of all of them, this is in memory."""

    sequence: int
    id: str
    list_id: str | None
    section_id: str | None
    parent_id: str | None
    position: str


class _Stands(NamedTuple):
    """A task that comes next."""

    sequence: int
    list: Row | None
    section: Row | None
    depth: int


class Account:
    """Everything of one user that is a task, or that tasks are in."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id
        self._export = ExportRepository(database, user_id)

    async def timezone(self) -> str:
        """Where they are."""

        async def work(tx: Transaction) -> str:
            return str((await preferred(tx, self._user_id))["timezone"])

        return clock.known_zone(await self._database.read(work))

    async def check(self) -> None:
        """Raise Unauthenticated if there is no such user any longer."""
        await self._export.user()

    async def pieces(self) -> AsyncGenerator[list[Piece]]:
        """All of it, some at a time. What is written meanwhile may be in it as it was or as it is."""
        lists = sorted(await self._rows("lists"), key=lambda row: (row["is_archived"], row["position"]))
        sections = sorted(await self._rows("sections"), key=lambda row: row["position"])
        stands = _in_order(lists, sections, await self._places())
        while some := [*islice(stands, TOGETHER)]:
            rows = await self._tasks([each.sequence for each in some if isinstance(each, _Stands)])
            yield [*_filled(some, rows)]

    async def _rows(self, name: str) -> list[Row]:
        section = next(each for each in SECTIONS if each.table.name == name)
        return [row async for page in self._export.pages(section) for row in page]

    async def _places(self) -> list[_Place]:
        found: list[_Place] = []
        after = _ORDER.start()
        while True:

            async def work(tx: Transaction, after: dict[str, Any] = after) -> list[Row]:
                return await tx.all(PLACES, user_id=self._user_id, limit=SLICE, **after)

            page = await self._database.read(work, long=True)
            found += (_Place(**{**row, "position": row["position"] or last(row["sequence"])}) for row in page)
            if len(page) < SLICE:
                return found
            after = _ORDER.after(page[-1])

    async def _tasks(self, sequences: list[int]) -> Mapping[int, Row]:
        async def work(tx: Transaction) -> list[Row]:
            return await tx.all(SOME, user_id=self._user_id, sequences=sequences)

        return {row["sequence"]: row for row in await self._database.read(work)}


def _filled(some: list[Heading | _Stands], rows: Mapping[int, Row]) -> Iterator[Piece]:
    for each in some:
        if isinstance(each, Heading):
            yield each
        elif each.sequence in rows:  # else it is deleted meanwhile
            yield Entry(rows[each.sequence], each.list, each.section, each.depth)


def _in_order(lists: list[Row], sections: list[Row], places: list[_Place]) -> Iterator[Heading | _Stands]:
    ids = {place.id for place in places}
    below: defaultdict[str | None, list[_Place]] = defaultdict(list)
    roots: defaultdict[tuple[str | None, str | None], list[_Place]] = defaultdict(list)
    known = {(row["list_id"], row["id"]) for row in sections}
    homes = {None, *(row["id"] for row in lists)}
    for place in sorted(places, key=lambda each: (each.position, each.sequence)):
        if place.parent_id in ids:
            below[place.parent_id].append(place)
        else:
            home = place.list_id if place.list_id in homes else None
            roots[home, place.section_id if (home, place.section_id) in known else None].append(place)
    of_list: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sections:
        of_list[row["list_id"]].append(row)
    by_id = {row["id"]: row for row in sections}
    for list_ in (None, *lists):
        list_id = None if list_ is None else list_["id"]
        for section in (None, *of_list[list_id or ""]):
            yield Heading(list_, section)
            for root in roots[list_id, None if section is None else section["id"]]:
                yield from _tree(root, list_, below, by_id)


def _tree(
    root: _Place, list_: Row | None, below: Mapping[str | None, list[_Place]], sections: Mapping[str, Row]
) -> Iterator[_Stands]:
    """A task and those below it, of which each may have a section of its own."""
    waiting = [(root, 0)]
    while waiting:
        place, depth = waiting.pop()
        yield _Stands(place.sequence, list_, sections.get(place.section_id or ""), depth)
        waiting += [(each, depth + 1) for each in reversed(below.get(place.id, ()))]
