"""How the tasks of a page are read: along one walk, or along several that are merged or come one after the other."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple

from doable.database import Reading
from doable.database.types import instant_to_text
from doable.tasks import cursors, dates
from doable.tasks.listing import Form, keys_of, page_of
from doable.tasks.plans import Plan

Values = Sequence[Any]


class Start(NamedTuple):
    """From where on a page is read, and what its cursor belongs to."""

    digest: str
    after: tuple[Values | None, ...]
    """The last values of each walk's keys, as a cursor has them; None where nothing of it was read."""


class Walked(NamedTuple):
    """The rows of a page, and the cursor behind them if there are more."""

    rows: Sequence[Values]
    cursor: str | None


def start(plan: Plan, zone: str | None, cursor: str | None) -> Start:
    """Raises CursorInvalid."""
    digest = plan.digest if zone is None else blake2b(f"{plan.digest} {zone}".encode(), digest_size=6).hexdigest()
    walks = plan.order.walks
    if cursor is None:
        return Start(digest, (None,) * len(walks))
    return Start(digest, cursors.read(cursor, digest, [[key.read for key in walk.keys] for walk in walks]))


class Walking:
    """Reads the pages of one listing."""

    def __init__(self, tx: Reading, plan: Plan, parameters: Mapping[str, Any], zone: str | None) -> None:
        self._tx = tx
        self._plan = plan
        self._parameters = parameters
        self._zone = zone or "UTC"

    async def page(self, begin: Start, limit: int, offset: int) -> Walked:
        """So many rows at most."""
        if len(begin.after) == 1:
            rows = await self._rows(0, begin.after[0], limit + 1, offset)
            more = len(rows) > limit
            return Walked(rows[:limit], self._cursor(begin.digest, [self._keys(0, rows[limit - 1])]) if more else None)
        after = [*begin.after] if not offset else await self._skipped(offset)
        found: list[tuple[int, Values]] = []
        for stage in self._stages(after):
            read = {number: await self._rows(number, after[number], limit + 1) for number in stage}
            found += self._merged(read)
            if len(found) > limit:
                break
        last = {number: self._keys(number, row) for number, row in found[:limit]}
        after = [last.get(number, keys) for number, keys in enumerate(after)]
        cursor = self._cursor(begin.digest, after) if len(found) > limit else None
        return Walked([row for _, row in found[:limit]], cursor)

    def _stages(self, after: Sequence[Values | None]) -> Sequence[Sequence[int]]:
        """The stages that are left: of those before the last one that was reached, everything has been read."""
        stages = self._plan.stages
        reached = [place for place, stage in enumerate(stages) if any(after[number] is not None for number in stage)]
        return stages[max(reached, default=0) :]

    async def _rows(self, number: int, after: Values | None, limit: int, offset: int = 0) -> list[Values]:
        statement = page_of(
            Form(self._plan.shape, self._plan.sort, number, after is not None, self._plan.is_walk),
            large=self._plan.is_large,
        )
        keys = zip(self._plan.order.walks[number].keys, after or (), strict=after is not None)
        behind = {f"after_{place}": key.read(value) for place, (key, value) in enumerate(keys)}
        return await self._tx.all(statement, **self._parameters, **behind, limit=limit, offset=offset)

    def _keys(self, number: int, row: Values) -> Values:
        return [key.of(row) for key in self._plan.order.walks[number].keys]

    def _cursor(self, digest: str, after: Sequence[Values | None]) -> str:
        walks = self._plan.order.walks
        return cursors.made(
            digest, [*chain(*(keys or [None] * len(walk.keys) for walk, keys in zip(walks, after, strict=True)))]
        )

    def _merged(self, read: Mapping[int, list[Values]]) -> Iterator[tuple[int, Values]]:
        """The rows of one stage with the numbers of their walks, by their moments; at the same one what floats comes first."""
        rows = [(number, row) for number, found in read.items() for row in found]
        if len(read) > 1:
            rows.sort(key=lambda each: self._moment(each[0], self._keys(*each)[0]))
        return iter(rows)

    def _moment(self, number: int, key: str) -> str:
        if self._plan.order.walks[number].known.due == "zoned":
            return key
        return instant_to_text(dates.first_instant(key, self._zone))

    async def _skipped(self, offset: int) -> list[Values | None]:
        """The last keys of so many tasks. They alone are read, and no moment is computed for most of them."""
        after: list[Values | None] = [None] * len(self._plan.order.walks)
        for stage in self._plan.stages:
            read = [await self._all_keys(number, offset) for number in stage]
            counts = [len(keys) for keys in read]
            if len(stage) > 1 and sum(counts) > offset:
                counts = self._first(offset, *read)
            for number, keys, count in zip(stage, read, counts, strict=True):
                after[number] = keys[count - 1] if count else None
            offset -= sum(counts)
            if offset <= 0:
                break
        return after

    async def _all_keys(self, number: int, limit: int) -> list[Values]:
        statement = keys_of(Form(self._plan.shape, self._plan.sort, number), large=self._plan.is_large)
        return await self._tx.all(statement, **self._parameters, limit=limit)

    def _first(self, count: int, floats: list[Values], zoned: list[Values]) -> list[int]:
        """How many of each are among so many of both: the least number of the first that leaves out none before one of the others."""

        def is_enough(number: int) -> bool:
            rest = count - number
            return not rest or number == len(floats) or self._moment(0, floats[number][0]) > zoned[rest - 1][0]

        candidates = range(max(0, count - len(zoned)), min(count, len(floats)) + 1)
        number = candidates[bisect_left(candidates, True, key=is_enough)]  # noqa: FBT003 - the first that is
        return [number, count - number]
