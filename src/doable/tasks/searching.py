"""Keeps the words of one owner's tasks up, when that owner searches.

Every task that is written gets a revision above all others of its owner, so what is yet to be done is found by that: the words are
there of every task up to the revision of the owner's search state. They are made in a thread, and stored a portion at a time with
the owner's row taken, as writes are: those of tasks that still have the revision that they were made of. So of two searches
the second goes on where the first has ended.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import BigInteger, BindParameter, bindparam, exists, func, literal_column, not_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from doable.database import Database, Row, Statement, Transaction
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.database.types import bytes_of
from doable.errors import Busy, Unauthenticated
from doable.owned.owners import THIS_OWNER
from doable.owned.tables import owners
from doable.tasks.found_by import search_states, task_words
from doable.tasks.tables import tasks
from doable.tasks.words import VERSION, words_of_task

T = TypeVar("T")

TRIES: Final = 5
"""How often a search looks whether nothing was written since it caught up, before it keeps the owner from writing."""

MAX_BYTES: Final = 1_000_000
"""Of the texts in a portion, which ends when it has as many: there are tasks with very long descriptions."""

AT_ONCE: Final = 50_000
"""The same of what is made while the owner is kept from writing, and on PostgreSQL on the event loop."""

SEVERAL: Final = (100, 10, 1)
"""How many rows are written by one statement. On PostgreSQL each takes a round trip."""

_OWN: Final = tasks.c.owner_id == bindparam("owner_id")

TAKE: Final = Statement(select(owners.c.owner_id).where(THIS_OWNER).with_for_update())
STATE: Final = Statement(
    select(search_states.c.version, search_states.c.revision).where(search_states.c.owner_id == bindparam("owner_id"))
)
IS_READY: Final = Statement(
    select(literal_column("1", BigInteger).label("is_ready"))
    .select_from(search_states)
    .where(
        search_states.c.owner_id == bindparam("owner_id"),
        search_states.c.version == bindparam("version"),
        not_(exists().where(_OWN, tasks.c.revision > search_states.c.revision)),
    )
)
_next: Final = (
    select(tasks.c.revision, (bytes_of(tasks.c.title) + func.coalesce(bytes_of(tasks.c.description), 0)).label("bytes"))
    .where(_OWN, tasks.c.revision > bindparam("since"))
    .order_by(tasks.c.revision)
    .limit(SLICE)
    .subquery()
)
_up_to: Final = select(
    _next.c.revision, (func.sum(_next.c.bytes).over(order_by=_next.c.revision) - _next.c.bytes).label("before")
).subquery()
_last: Final = select(func.max(_up_to.c.revision)).where(_up_to.c.before < bindparam("most", type_=BigInteger()))
CHANGED: Final = Statement(
    select(tasks.c.sequence, tasks.c.revision, tasks.c.title, tasks.c.description)
    .where(_OWN, tasks.c.revision > bindparam("since"), tasks.c.revision <= _last.scalar_subquery())
    .order_by(tasks.c.revision)
)
"""What is to be done next. Of longer texts it is fewer tasks, and no more than these are read into memory."""

REVISIONS: Final = Statement(
    select(tasks.c.sequence, tasks.c.revision)
    .where(_OWN, tasks.c.revision > bindparam("since"))
    .order_by(tasks.c.revision)
    .limit(SLICE)
)


def _or_instead(row: Insert, *names: str) -> Statement:
    changed = {name: row.excluded[name] for name in names}
    return Statement(row.on_conflict_do_update(index_elements=[*row.table.primary_key], set_=changed))


def _put_words(several: int) -> Statement:
    columns = (task_words.c.sequence, task_words.c.words)
    rows: list[dict[str, BindParameter[Any]]] = [
        {
            "owner_id": bindparam("owner_id", type_=task_words.c.owner_id.type),
            **{each.name: bindparam(f"{each.name}_{number}", type_=each.type) for each in columns},
        }
        for number in range(several)
    ]
    return _or_instead(insert(task_words).values(rows), "words")


PUT_WORDS: Final = {several: _put_words(several) for several in SEVERAL}
PUT_STATE: Final = _or_instead(
    insert(search_states).values({column.name: bindparam(column.name) for column in search_states.columns}),
    "version",
    "revision",
)


Made = Mapping[tuple[int, int], str]
"""Words by the sequence and the revision of the task that they were made of."""


class Kept(NamedTuple):
    """What became of a portion."""

    is_all: bool
    """Whether there is nothing more to do."""
    was_anothers: bool
    """Whether a server of another version had made the words that were there."""


async def search(database: Database, owner_id: str, work: Work[T], may_go_on: Callable[[], bool]) -> T:
    """Read on one snapshot, in which the words of all of the owner's tasks are as the tasks are.

    It may be long, however small the account: of a few tasks the words may be megabytes, which each term goes through.
    Raises Unauthenticated if there is no such owner any longer, StorageFull if there is no room for the words, and Busy if
    another version makes others again and again, or between two portions, once it may not go on.
    """

    async def if_ready(tx: Transaction) -> tuple[tuple[T] | None, list[Row]]:
        if await tx.one(IS_READY, owner_id=owner_id, version=VERSION) is not None:
            return (await work(tx),), []
        since, _ = await _reached(tx, owner_id)
        return None, await tx.all(CHANGED, owner_id=owner_id, since=since, most=MAX_BYTES)

    tries = 0
    while tries < TRIES:
        found, changed = await database.read(if_ready, long=True)
        if found is not None:
            return found[0]
        made = await asyncio.to_thread(_words, changed)

        async def keep(tx: Transaction, made: Made = made) -> Kept:
            return await _keep(tx, owner_id, made)

        kept = await database.write(keep, owner_id=owner_id, long=True)
        tries += kept.is_all or kept.was_anothers
        if not (kept.is_all or may_go_on()):
            raise Busy

    async def with_all(tx: Transaction) -> T:
        await _take(tx, owner_id)
        since, _ = await _reached(tx, owner_id)
        changed = await tx.all(CHANGED, owner_id=owner_id, since=since, most=AT_ONCE)
        if not (await _keep(tx, owner_id, _words(changed))).is_all:
            raise Busy
        return await work(tx)

    return await database.write(with_all, owner_id=owner_id, long=True)


async def _take(tx: Transaction, owner_id: str) -> None:
    if await tx.one(TAKE, owner_id=owner_id) is None:
        raise Unauthenticated


async def _reached(tx: Transaction, owner_id: str) -> tuple[int, int | None]:
    """Up to which revision the words are there, and the version that made them. Those of another one are all made again."""
    state = await tx.one(STATE, owner_id=owner_id)
    if state is None:
        return 0, None
    return state["revision"] if state["version"] == VERSION else 0, state["version"]


def _words(changed: Sequence[Row]) -> Made:
    return {(row["sequence"], row["revision"]): words_of_task(row["title"], row["description"]) for row in changed}


async def _keep(tx: Transaction, owner_id: str, made: Made) -> Kept:
    """Store the words of the tasks that come next, as far as they are made."""
    await _take(tx, owner_id)
    since, version = await _reached(tx, owner_id)
    there = await tx.all(REVISIONS, owner_id=owner_id, since=since)
    known = [*takewhile(lambda row: (row["sequence"], row["revision"]) in made, there)]
    await _put(tx, owner_id, [(row["sequence"], made[row["sequence"], row["revision"]]) for row in known])
    if known or not there:
        revision = known[-1]["revision"] if known else since
        await tx.one(PUT_STATE, owner_id=owner_id, version=VERSION, revision=revision)
    return Kept(len(known) == len(there) < SLICE, version not in {None, VERSION})


async def _put(tx: Transaction, owner_id: str, made: list[tuple[int, str]]) -> None:
    start = 0
    for several in SEVERAL:
        while start + several <= len(made):
            row: dict[str, Any] = {}
            for number, (sequence, words) in enumerate(made[start : start + several]):
                row[f"sequence_{number}"], row[f"words_{number}"] = sequence, words
            await tx.one(PUT_WORDS[several], owner_id=owner_id, **row)
            start += several
