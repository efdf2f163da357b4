"""The tags of tasks: finds the tags of names, makes those that there are not, and keeps `task_tags` in step with `tasks.tags`.

Steps of a write that has taken the owner's row. What is done to a tag itself is in the room `tags`, above.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any, Final, TypedDict

from sqlalchemy import BigInteger, and_, bindparam, delete, func, insert, select, union_all

from doable import clock
from doable.database import Reading, Statement, Transaction, insert_row
from doable.database.types import OrderedText
from doable.errors import TooMany
from doable.owned import positions
from doable.owned.limits import Limits
from doable.owned.owners import OwnerRow, advance
from doable.owned.repository import BESIDE_THE_TEXTS
from doable.tasks.filed_under import tags
from doable.tasks.tables import TaskRow, task_tags
from doable.tasks.tag_names import from_text, key_of, to_text

MAX_TAGS: Final = 1000
FEW: Final = 4
TOGETHER: Final = 50
"""The numbers of keys, or of tags, that a statement takes."""


class Tag(TypedDict):
    """What a task's write needs of a tag."""

    id: str
    sequence: int
    name: str
    key: str
    next_name: str | None
    renamed_up_to: int | None


OWN: Final = tags.c.owner_id == bindparam("owner_id")
COLUMNS: Final = (tags.c.id, tags.c.sequence, tags.c.name, tags.c.key, tags.c.next_name, tags.c.renamed_up_to)
TASK: Final = bindparam("task", type_=BigInteger())
THIS_TASK: Final = and_(task_tags.c.owner_id == bindparam("owner_id"), task_tags.c.sequence == TASK)


class OfSome:
    """The statements that take so many keys or tags."""

    def __init__(self, number: int) -> None:
        keys = [bindparam(f"key_{each}", type_=OrderedText()) for each in range(number)]
        these = [bindparam(f"tag_{each}", type_=BigInteger()) for each in range(number)]
        # One that is being renamed has two keys. (With OR, SQLite would read all of the owner's tags.)
        by_key = union_all(
            select(*COLUMNS).where(OWN, tags.c.key.in_(keys)),
            select(*COLUMNS).where(OWN, tags.c.next_name.is_not(None)),
        ).subquery()
        self.find = Statement[Tag](select(by_key))
        own = select(tags.c.owner_id, tags.c.sequence, TASK).where(OWN, tags.c.sequence.in_(these))
        self.link = Statement(insert(task_tags).from_select(["owner_id", "tag", "sequence"], own))
        self.unlink = Statement(delete(task_tags).where(THIS_TASK, task_tags.c.tag.in_(these)))
        self.unlink_all = Statement(delete(task_tags).where(THIS_TASK, task_tags.c.tag.in_(select(by_key.c.sequence))))


# Most tasks have few, and 50 parameters take 35 µs more of the 325 that a task with everything takes.
OF: Final = {number: OfSome(number) for number in (FEW, TOGETHER)}

MAKE = Statement(insert_row(tags))
COUNT = Statement(select(func.count().label("number")).select_from(tags).where(OWN))


def name_in_tasks(tag: Tag) -> str:
    """The name that tasks are given, which the tag itself may be about to get."""
    return tag["next_name"] or tag["name"]


def some(name: str, values: Collection[Any]) -> tuple[OfSome, Mapping[str, Any]]:
    """The statements for so many, and their parameters: what is too few repeats the first."""
    given, most = [*values], FEW if len(values) <= FEW else TOGETHER
    parameters = {f"{name}_{number}": given[number if number < len(given) else 0] for number in range(most)}
    return OF[most], parameters


async def find(tx: Reading, owner_id: str, keys: Collection[str]) -> dict[str, Tag]:
    """The tags that these keys lead to. Those that are being renamed are always among them, by both of their keys."""
    found: dict[str, Tag] = {}
    rest = [*keys]
    while rest:
        together, rest = rest[:TOGETHER], rest[TOGETHER:]
        of_some, parameters = some("key", together)
        for tag in await tx.all(of_some.find, owner_id=owner_id, **parameters):
            found[tag["key"]] = tag
            if tag["next_name"] is not None:
                found[key_of(tag["next_name"])] = tag
    return found


async def settle(
    tx: Transaction, owner: OwnerRow, limits: Limits, *, owner_id: str, old: TaskRow | None, text: str | None
) -> tuple[str | None, OwnerRow]:
    """File the task under the names in this text instead of those that it has.

    Answers the text with the tags' own spelling, and the owner's row: new tags have taken the revisions before it, so that
    a client hears of them before it hears of the task. Raises TooMany if there are more tags than one user may have.
    """
    had, wanted = from_text(old["tags"] if old is not None else None), from_text(text)
    there = await find(tx, owner_id, had.keys() ^ wanted.keys())
    if new := {key: name for key, name in wanted.items() if key not in had and key not in there}:
        made, owner = await _make(tx, owner, limits, owner_id, new)
        there |= made
    names = {}
    for key in wanted:
        # A tag that the task had before is spelled there as it should be.
        called = name_in_tasks(there[key]) if key in there else had[key]
        names[key_of(called)] = called
    before_it, after_it = ({there[key]["sequence"] for key in keys if key in there} for keys in (had, wanted))
    task = old["sequence"] if old is not None else owner["revision"]
    if gone := before_it - after_it:
        of_some, parameters = some("tag", gone)
        await tx.later(of_some.unlink, owner_id=owner_id, task=task, **parameters)
    if come := after_it - before_it:
        of_some, parameters = some("tag", come)
        await tx.later(of_some.link, owner_id=owner_id, task=task, **parameters)
    return to_text(names), owner


async def refile(
    tx: Transaction, owner: OwnerRow, limits: Limits, task: Mapping[str, Any]
) -> tuple[str | None, OwnerRow]:
    """File a task that comes back under the tags that it had. Answers as `settle` does."""
    wanted = from_text(task["tags"])
    if not wanted:
        return None, owner
    there = await find(tx, task["owner_id"], wanted)
    if new := {key: name for key, name in wanted.items() if key not in there}:
        made, owner = await _make(tx, owner, limits, task["owner_id"], new)
        there |= made
    sequences = {there[key]["sequence"] for key in wanted}
    of_some, parameters = some("tag", sequences)
    await tx.later(of_some.link, owner_id=task["owner_id"], task=task["sequence"], **parameters)
    # Of one that is being renamed, the name that those tasks have beside which it comes to stand: later parts begin there.
    called = [
        name_in_tasks(tag) if task["sequence"] <= (tag["renamed_up_to"] or 0) else tag["name"]
        for tag in (there[key] for key in wanted)
    ]
    return to_text({key_of(name): name for name in called}), owner


async def unlink(tx: Transaction, owner_id: str, task: TaskRow) -> None:
    """Take the task, which is gone, out of its tags."""
    if keys := from_text(task["tags"]):
        of_some, parameters = some("key", keys)
        await tx.later(of_some.unlink_all, owner_id=owner_id, task=task["sequence"], **parameters)


async def _make(
    tx: Transaction, owner: OwnerRow, limits: Limits, owner_id: str, names: Mapping[str, str]
) -> tuple[dict[str, Tag], OwnerRow]:
    """Make tags, the last in their order, at the owner's revision and those after it."""
    made = {
        key: Tag(id=str(uuid.uuid4()), sequence=revision, name=name, key=key, next_name=None, renamed_up_to=None)
        for revision, (key, name) in enumerate(names.items(), start=owner["revision"])
    }
    more = sum(BESIDE_THE_TEXTS + _size(name) for name in names.values())
    owner, now = await advance(tx, owner_id, by=len(made), more=more), clock.now()
    for tag in made.values():
        revision = tag["sequence"]
        place = {"position": positions.last(revision), "color": None}
        stamp = {"created_at": now, "updated_at": now, "revision": revision}
        await tx.one(MAKE, owner_id=owner_id, **tag, **place, **stamp)
    limits.check(owner, more=more)
    count = await tx.one(COUNT, owner_id=owner_id)
    if count is not None and count["number"] > MAX_TAGS:
        raise TooMany(tags.name)
    return made, owner


def _size(text: str | None) -> int:
    return 0 if text is None else len(text.encode())
