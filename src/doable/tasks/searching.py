"""Keeps the words of one owner's tasks up, when that owner searches.

Every task that is written gets a revision above all others of its owner, so what is yet to be done is found by that: the words are
there of every task up to the revision of the owner's search state. Portions of it are done with the owner's row taken, as
writes are. So no task is written while its words are made, and of two searches the second goes on where the first has ended.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, BindParameter, bindparam, exists, literal_column, not_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from doable.database import Database, Statement, Transaction
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import Unauthenticated
from doable.owned.owners import THIS_OWNER
from doable.owned.tables import owners
from doable.tasks.conditions import Condition, Every, Searched
from doable.tasks.found_by import search_states, task_words
from doable.tasks.listing import Plan, searched_apart
from doable.tasks.selecting import conjuncts, has_words
from doable.tasks.tables import tasks
from doable.tasks.words import VERSION, words_of_task

T = TypeVar("T")

TRIES: Final = 5
"""How often a search looks whether nothing was written since it caught up, before it keeps the owner from writing."""

MAX_CHARACTERS: Final = 1_000_000
"""Of the words in a portion, which ends when it has as many: there are tasks with very long descriptions."""

SEVERAL: Final = (100, 10, 1)
"""How many rows are written by one statement. On PostgreSQL each takes a round trip."""

RARE: Final = 200
"""What more tasks have is common."""

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
CHANGED: Final = Statement(
    select(tasks.c.sequence, tasks.c.revision, tasks.c.title, tasks.c.description)
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


async def search(database: Database, owner_id: str, work: Work[T], *, long: bool) -> T:
    """Read on one snapshot, in which the words of all of the owner's tasks are as the tasks are.

    Raises Unauthenticated if there is no such owner any longer, and StorageFull if there is no room for the words.
    """

    async def if_ready(tx: Transaction) -> tuple[T] | None:
        ready = await tx.one(IS_READY, owner_id=owner_id, version=VERSION)
        return None if ready is None else (await work(tx),)

    async def catch_up(tx: Transaction) -> bool:
        return await _catch_up(tx, owner_id)

    for _ in range(TRIES):
        found = await database.read(if_ready, long=long)
        if found is not None:
            return found[0]
        while await database.write(catch_up, owner_id=owner_id, long=True):
            pass

    async def with_all(tx: Transaction) -> T:
        while await _catch_up(tx, owner_id):
            pass
        return await work(tx)

    return await database.write(with_all, owner_id=owner_id, long=True)


@cache
def rare(searched: Searched) -> Statement:
    """The statement of the tasks that have these words, and of one more than are rare."""
    # In the order of the key: else PostgreSQL may go through the words of everybody, as it seems that so many are soon found.
    found = select(task_words.c.sequence).where(has_words(searched)).order_by(task_words.c.sequence.desc())
    return Statement(found.limit(RARE + 1))


async def list_rare(tx: Transaction, plan: Plan, parameters: Mapping[str, Any]) -> tuple[Plan, Mapping[str, Any]]:
    """Where what is searched for is rare and not walked along, the same with the tasks that have it, and their parameters.

    They are sorted then. What is common is soon found along the order that is asked for.
    """
    searched = searched_apart(plan.shape, plan.sort)
    if searched is None:
        return plan, parameters
    found = await tx.all(rare(searched), **parameters)
    if len(found) > RARE:
        return plan, parameters
    listed = [row["sequence"] for row in found]
    return replace(plan, shape=as_rare(plan.shape, searched)), {**parameters, f"{searched.parameter}_rare": listed}


def as_rare(shape: Condition, searched: Searched) -> Condition:
    """The same where few tasks have these words."""
    parts = tuple(replace(each, is_rare=True) if each is searched else each for each in conjuncts(shape))
    return Every(parts) if len(parts) > 1 else parts[0]


async def _catch_up(tx: Transaction, owner_id: str) -> bool:
    """Make the words of a portion of the tasks. Answers whether there is more to do."""
    if await tx.one(TAKE, owner_id=owner_id) is None:
        raise Unauthenticated
    state = await tx.one(STATE, owner_id=owner_id)
    # Words by other rules, those of an older or a newer server, are all made again.
    since = 0 if state is None or state["version"] != VERSION else state["revision"]
    changed = await tx.all(CHANGED, owner_id=owner_id, since=since)
    made: list[tuple[int, str]] = []
    characters = 0
    for row in changed:
        made.append((row["sequence"], words_of_task(row["title"], row["description"])))
        characters += len(made[-1][1])
        if characters >= MAX_CHARACTERS:
            break
    await _put(tx, owner_id, made)
    if made or state is None or state["version"] != VERSION:
        revision = changed[len(made) - 1]["revision"] if made else since
        await tx.one(PUT_STATE, owner_id=owner_id, version=VERSION, revision=revision)
    return len(made) < len(changed) or len(changed) == SLICE


async def _put(tx: Transaction, owner_id: str, made: list[tuple[int, str]]) -> None:
    start = 0
    for several in SEVERAL:
        while start + several <= len(made):
            row: dict[str, Any] = {}
            for number, (sequence, words) in enumerate(made[start : start + several]):
                row[f"sequence_{number}"], row[f"words_{number}"] = sequence, words
            await tx.one(PUT_WORDS[several], owner_id=owner_id, **row)
            start += several
