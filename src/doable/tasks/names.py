"""What a list's resources in CalDAV are called: tasks and objects have names and UIDs, each once in a list.

A task's are `{id}.ics` and its id, unless a client has chosen others. Nobody else than a client's PUT chooses, and it looks
before; whoever moves things to another list asks here, under the owner's row, and pays two statements for each.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, Text, bindparam, literal_column, select, union_all

from doable import clock
from doable.database import Row, Statement, Transaction
from doable.database.types import Id
from doable.owned.owners import advance, depart
from doable.tasks.objects import ical_objects
from doable.tasks.tables import LIST, tasks

MEMBERS: Final = frozenset({"list_id", "ical_name", "ical_uid"})
"""The columns by which a resource is found."""

MAX_NAME: Final = 255
"""Bytes, as in a file system."""
MAX_UID: Final = 1000
"""Bytes."""

NOBODY: Final = str(uuid.UUID(int=0))
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NAME: Final = "name"
UID: Final = "uid"
WAITS: Final = "waits"


def list_of(row: Mapping[str, Any]) -> str:
    """Where it is: the list, or the owner for the inbox."""
    found: str = row["list_id"] or row["owner_id"]
    return found


def name_of(row: Mapping[str, Any]) -> str:
    """The name of its resource."""
    return row["ical_name"] or f"{row['id']}.ics"


def uid_of(row: Mapping[str, Any]) -> str:
    """Its UID."""
    found: str = row["ical_uid"] or row["id"]
    return found


_OWNER: Final = bindparam("owner_id", type_=Id())
_HERE: Final = bindparam("list_id", type_=Id())
_NAME: Final = bindparam("name", type_=Text())
_UID: Final = bindparam("uid", type_=Text())
_THIS: Final = bindparam("this_id", type_=Id())


def _task(what: str, *where: ColumnElement[bool]) -> Select[Any]:
    found = select(
        literal_column(f"'{what}'", Text).label("what"), tasks.c.id, tasks.c.ical_name, LIST.label("list_id")
    )
    return found.where(tasks.c.owner_id == _OWNER, tasks.c.id != _THIS, *where)


def _object(what: str, column: Column[str], said: ColumnElement[str]) -> Select[Any]:
    of = ical_objects.c
    found = select(literal_column(f"'{what}'", Text).label("what"), of.id, of.ical_name, of.list_id)
    return found.where(of.owner_id == _OWNER, of.list_id == _HERE, column == said, of.id != _THIS)


# Of tasks in whatever list: they are few, and an index that begins with the list has all that is in it.
_everything = union_all(
    _task(NAME, tasks.c.ical_name == _NAME),
    _task(NAME, tasks.c.id == bindparam("id_of_name", type_=Id()), tasks.c.ical_name.is_(None)),
    _object(NAME, ical_objects.c.ical_name, _NAME),
    _task(UID, tasks.c.ical_uid == _UID),
    _task(UID, tasks.c.id == bindparam("id_of_uid", type_=Id()), tasks.c.ical_uid.is_(None)),
    _object(UID, ical_objects.c.ical_uid, _UID),
    _task(WAITS, tasks.c.ical_parent == _UID, tasks.c.parent_id.is_(None)),
).subquery()
LOOK: Final = Statement(select(_everything))


class Found(NamedTuple):
    """What stands in the way of a resource in a list, and who waits for it."""

    name: Row | None
    """Who has its name: `id` and `ical_name`."""
    uid: Row | None
    """Who has its UID."""
    waiting: Sequence[str]
    """The ids of the tasks that name this UID as their parent's, and have none."""


def id_of(text: str) -> str:
    """The id that a name without its suffix, or a UID, may be: itself if it is one, else one that nobody has."""
    return text if _ID.fullmatch(text) else NOBODY


def id_of_name(name: str) -> str:
    """The id of the task that has this name unless a client has chosen another; else one that nobody has."""
    stem = name.removesuffix(".ics")
    return NOBODY if stem == name else id_of(stem)


async def look(tx: Transaction, owner_id: str, list_id: str, *, name: str, uid: str, but: str = NOBODY) -> Found:
    """Look for others than this one. The owner's row is taken, so that it stays so."""
    rows = await tx.all(
        LOOK,
        owner_id=owner_id,
        list_id=list_id,
        name=name,
        uid=uid,
        this_id=but,
        id_of_name=id_of_name(name),
        id_of_uid=id_of(uid),
    )
    here: dict[str, list[Row]] = {NAME: [], UID: [], WAITS: []}
    for row in rows:
        if row["list_id"] == list_id:
            here[row["what"]].append(row)
    waiting = [row["id"] for row in here[WAITS]]
    return Found(next(iter(here[NAME]), None), next(iter(here[UID]), None), waiting)


async def fit(tx: Transaction, row: Mapping[str, Any], revision: int) -> tuple[Row, Sequence[str]]:
    """A task that comes into the list which the row names: what it is called there, if it cannot be called as it was.

    Also the ids of those that wait for it.
    """
    list_id, id_ = list_of(row), row["id"]
    own = {"owner_id": row["owner_id"], "list_id": list_id, "but": id_}
    found = await look(tx, **own, name=name_of(row), uid=uid_of(row))
    if found.name is None and found.uid is None:
        return {}, found.waiting
    by_id = await look(tx, **own, name=f"{id_}.ics", uid=id_)
    columns: Row = {}
    if found.name is not None:
        columns["ical_name"] = f"{id_}-{revision}.ics" if by_id.name else None
    if found.uid is not None:
        columns["ical_uid"] = f"{id_}-{revision}" if by_id.uid else None
    return columns, found.waiting if found.uid is None else []


async def leave(tx: Transaction, old: Mapping[str, Any], new: Mapping[str, Any], revision: int) -> None:
    """Note that a resource is not where it was, if it is not: in another list, or under another name."""
    if (list_of(old), name_of(old)) != (list_of(new), name_of(new)):
        left = {"list_id": list_of(old), "name": name_of(old)}
        if list_of(old) == list_of(new):
            # The list tells of both names, and a page of what has changed in it may end between any two revisions.
            revision = (await advance(tx, old["owner_id"]))["revision"]
        await depart(tx, old["owner_id"], **left, revision=revision, at=clock.now())
