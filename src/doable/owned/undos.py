"""What writes can be undone by: the rows of a write as they were, kept under its token. Purged after 30 days."""

from datetime import timedelta
from typing import Final

from pydantic_core import to_json
from sqlalchemy import BigInteger, bindparam, cast, delete, exists, func, not_, null, or_, select, update

from doable import clock
from doable.database import Row, Statement, Transaction, insert_row
from doable.owned.journal import Noted
from doable.owned.owners import COUNT_KEPT, advance
from doable.owned.rows import OwnedRows
from doable.owned.tables import undos

KEPT: Final = timedelta(days=30)
MOST: Final = 200
"""Writes of one owner that can be undone. The oldest go first."""
BESIDE_THE_ROWS: Final = 500
"""The bytes that an undo takes besides its rows; an estimate."""
THINGS_TOLD: Final = 20
"""Of a write that deleted more, these are enough for people to know it again."""

OWN: Final = undos.c.owner_id == bindparam("owner_id")
THIS: Final = (OWN, undos.c.id == bindparam("token"))

GOES_ON: Final = timedelta(hours=24)
"""For so long a write that broke off goes on under its token when it is sent again."""

# One of which a part was undone is a write of its own.
_undone_parts = undos.alias("undone_parts")
UNFINISHED = Statement(
    select(undos.c.id)
    .where(OWN, undos.c.unfinished == bindparam("name"), undos.c.created_at > bindparam("after"))
    .where(
        not_(
            exists().where(
                _undone_parts.c.owner_id == undos.c.owner_id,
                _undone_parts.c.id == undos.c.id,
                _undone_parts.c.result.is_not(None),
            )
        )
    )
    .order_by(undos.c.revision.desc())
    .limit(1)
)
FINISH = Statement(update(undos).where(OWN, undos.c.unfinished == bindparam("name")).values(unfinished=null()))

THERE = Statement(select(undos.c.revision).where(*THIS).limit(1))
ADD = Statement(insert_row(undos))
DROP = Statement(delete(undos).where(*THIS).returning(undos.c.kept_bytes))
_NEWEST: Final = func.max(undos.c.revision)
_UNDONE: Final = func.count(undos.c.result)
# What is being undone is not forgotten before all of it is: neither by the undo, which may be noted itself, nor by what
# somebody else writes between two of its parts.
MAY_GO: Final = (OWN, undos.c.id.is_distinct_from(bindparam("undoing", type_=undos.c.id.type)))
IS_WHOLE: Final = or_(_UNDONE == 0, func.count() == _UNDONE)
TOO_OLD = Statement(
    select(undos.c.id)
    .where(*MAY_GO)
    .group_by(undos.c.id)
    .having(IS_WHOLE)
    .order_by(_NEWEST.desc())
    .limit(10)
    .offset(bindparam("most", type_=BigInteger()))
)
OLDEST = Statement(
    select(undos.c.id)
    .where(*MAY_GO, undos.c.id.is_distinct_from(bindparam("but", type_=undos.c.id.type)))
    .group_by(undos.c.id)
    .having(IS_WHOLE)
    .order_by(_NEWEST)
    .limit(1)
)
OTHERS = Statement(
    select(cast(func.coalesce(func.sum(undos.c.kept_bytes), 0), BigInteger).label("bytes")).where(
        *MAY_GO, undos.c.id != bindparam("token")
    )
)


async def find_unfinished(tx: Transaction, owner_id: str, name: str) -> str | None:
    """The token of the write of this name, if it broke off between two parts. The owner's row is taken."""
    await advance(tx, owner_id, by=0)
    found = await tx.one(UNFINISHED, owner_id=owner_id, name=name, after=clock.now() - GOES_ON)
    return None if found is None else found["id"]


async def keep(
    tx: Transaction,
    owner_id: str,
    token: str,
    noted: list[Noted],
    room: int,
    *,
    undoing: str | None = None,
    unfinished: str | None = None,
) -> bool:
    """Keep what a transaction of a write has changed. Where it alone is more than all the room: nothing, and False.

    `room` is what the owner's kept answers and undos may take together; the oldest undos make way, but not the one whose
    undoing the write is. `unfinished` is the name of the write if this is the first of its parts.
    """
    owner = await advance(tx, owner_id, by=0)
    if not noted and await tx.all(THERE, owner_id=owner_id, token=token):
        return True
    rows = to_json(
        [{"kind": each.of.kind, "id": each.id, "old": each.old, "left": each.left} for each in noted]
    ).decode()
    deleted, changed = (
        _deleted(noted),
        [_told(each.of, each.old) for each in noted if each.old and each.left is not None],
    )
    told = None
    if deleted or changed:
        some = {"things": deleted[:THINGS_TOLD], "changed": changed[:THINGS_TOLD]}
        told = to_json({"number": len(deleted), **some}).decode()
    size = len(rows.encode()) + len((told or "").encode()) + BESIDE_THE_ROWS
    await tx.one(
        ADD,
        owner_id=owner_id,
        id=token,
        revision=owner["revision"],
        created_at=clock.now(),
        tasks=sum(_tasks(each) for each in noted),
        stored_bytes=sum(each.of.statements.size(each.old) for each in noted if each.left is None and each.old),
        kept_bytes=size,
        deleted=told,
        result=None,
        restored=None,
        rows=rows,
        unfinished=unfinished,
    )
    for row in await tx.all(TOO_OLD, owner_id=owner_id, most=MOST, undoing=undoing):
        await drop(tx, owner_id, row["id"])
    taken = await _count(tx, owner_id, size)
    if taken <= room:
        return True
    others = await tx.one(OTHERS, owner_id=owner_id, token=token, undoing=undoing)
    # Otherwise all of them would go in vain.
    fits = others is not None and taken - others["bytes"] < room
    if fits and await make_room(tx, owner_id, room, but=token, undoing=undoing):
        return True
    await drop(tx, owner_id, token)
    return False


async def make_room(
    tx: Transaction, owner_id: str, room: int, *, but: str | None = None, undoing: str | None = None
) -> bool:
    """Forget the oldest undos until what is kept takes less than the room. Whether it does then."""
    while oldest := await tx.one(OLDEST, owner_id=owner_id, but=but, undoing=undoing):
        if await drop(tx, owner_id, oldest["id"]) < room:
            return True
    return False


async def drop(tx: Transaction, owner_id: str, token: str) -> int:
    """Forget how the write can be undone. Answers what is kept of the owner's then."""
    dropped = await tx.all(DROP, owner_id=owner_id, token=token)
    return await _count(tx, owner_id, -sum(row["kept_bytes"] for row in dropped))


async def _count(tx: Transaction, owner_id: str, more: int) -> int:
    row = await tx.one(COUNT_KEPT, owner_id=owner_id, more=more)
    return 0 if row is None else row["kept_bytes"]


def _tasks(noted: Noted) -> int:
    """How many tasks the undoing adds."""
    if not noted.of.is_counted:
        return 0
    return int(noted.old is not None) - int(noted.left is not None)


def _deleted(noted: list[Noted]) -> list[Row]:
    """What is gone, as people are told of it: first what the write was about, then what went with it."""
    gone = {each.id: each for each in noted if each.old is not None and each.left is None}

    def went_along(each: Noted) -> bool:
        return any(each.old is not None and each.old.get(name) in gone for name in each.of.references)

    return [_told(each.of, each.old) for each in sorted(gone.values(), key=went_along) if each.old is not None]


def _told(of: type[OwnedRows], old: Row) -> Row:
    return {"kind": of.kind, "id": old.get("id", old["owner_id"]), "title": of.title_of(old)}
