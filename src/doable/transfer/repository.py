"""The SQL of imports: one owner's, as they are stored and told."""

import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import BigInteger, bindparam, delete, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.expiry import Expiry
from doable.database.protocol import Work
from doable.database.types import instant_to_text
from doable.errors import ImportInProgress, ImportNotFound
from doable.owned.imports import DONE, READING, RUNNING, STOPPED, UNDOING, UNDONE, ImportRow, import_slices, imports
from doable.owned.owners import advance
from doable.transfer.telling import Outline

KEPT: Final = timedelta(days=7)
"""For so long after its end an import can be undone."""
MOST: Final = 50
"""Of the imports that have ended, the newest of an owner are kept. Each may tell of 200 things that were not understood, and all are told in one answer."""
READ_WITHIN: Final = timedelta(hours=1)
"""What takes longer to be stored was left by a server that was killed."""
TOGETHER: Final = 20

OWN: Final = imports.c.owner_id == bindparam("owner_id")
THIS: Final = (OWN, imports.c.id == bindparam("import_id"))
TOLD: Final = imports.c.state != READING

ADD = Statement(insert_row(imports))
ALL = Statement(select(*imports.c).where(OWN, TOLD).order_by(imports.c.created_at.desc(), imports.c.id))
GET = Statement(select(*imports.c).where(*THIS, TOLD))
TAKE = Statement(select(*imports.c).where(*THIS))
STATES = Statement(
    select(imports.c.id, imports.c.digest, imports.c.state)
    .where(OWN)
    .order_by(imports.c.created_at.desc(), imports.c.id)
)
UPDATE = Statement(
    update(imports)
    .where(*THIS)
    .values(
        {
            name: bindparam(f"new_{name}", type_=imports.c[name].type)
            for name in (
                *("state", "expires_at", "stopped_by", "total", "done", "slices", "next_slice", "base"),
                *("kinds", "not_understood", "removed", "stayed"),
            )
        }
    )
    .returning(*imports.c)
)
REMOVE = Statement(delete(imports).where(*THIS))
UNDER_WAY = Statement(
    select(imports.c.owner_id, imports.c.id)
    .where(imports.c.state == bindparam("state"))
    .order_by(imports.c.created_at)
    .limit(TOGETHER)
)

_SLICE: Final = (
    import_slices.c.owner_id == bindparam("owner_id"),
    import_slices.c.import_id == bindparam("import_id"),
    import_slices.c.number == bindparam("number", type_=BigInteger()),
)
ADD_SLICE = Statement(insert_row(import_slices))
SLICE_OF = Statement(select(import_slices.c.things).where(*_SLICE))
KEEP_SLICE = Statement(update(import_slices).where(*_SLICE).values(things=bindparam("new_things")))
REMOVE_SLICE = Statement(delete(import_slices).where(*_SLICE))
# With what is left of each: a slice is large, and there are few imports.
EXPIRED = Expiry(imports.c.expires_at, together=1)

_NOTHING: Final = '{"total":0,"items":[]}'


class ImportRepository:
    """One owner's imports. Of an id that is none of theirs, every method raises ImportNotFound."""

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    async def all(self) -> list[Row]:
        """All of them, the newest first."""
        return [as_sent(row) for row in await self._database.all(ALL, owner_id=self._owner_id)]

    async def get(self, id_: str) -> Row:
        """One of them."""
        row = await self._database.one(GET, owner_id=self._owner_id, import_id=id_)
        if row is None:
            raise ImportNotFound
        return as_sent(row)

    async def unfinished(self, digest: str) -> str | None:
        """The id of the import of this very file that is under way, or was stopped, and goes on. Raises ImportInProgress if it is another's."""

        async def work(tx: Transaction) -> str | None:
            return await self._unfinished(tx, digest)

        return await self._database.write(work, owner_id=self._owner_id)

    async def _unfinished(self, tx: Transaction, digest: str) -> str | None:
        await advance(tx, self._owner_id, by=0)
        rows = await tx.all(STATES, owner_id=self._owner_id)
        there = next((row for row in rows if row["state"] in {RUNNING, STOPPED}), None)
        if there is None:
            return None
        id_: str = there["id"]
        if there["digest"] != digest:
            raise ImportInProgress(current=id_)
        if there["state"] == STOPPED:
            row = await take(tx, self._owner_id, id_)
            await put(tx, row, state=RUNNING, stopped_by=None, expires_at=clock.now() + KEPT)
        return id_

    async def store(self, outline: Outline, slices: AsyncIterator[list[str]], filename: str, digest: str) -> str:
        """Store what is to be made, to be applied in the background. Answers the id of the import that does it."""
        id_ = str(uuid.uuid4())
        now, kinds = clock.now(), outline.kinds
        zone, day_reminder_at = outline.whereabouts or (None, None)
        row = {
            "owner_id": self._owner_id,
            "id": id_,
            "created_at": now,
            "expires_at": now + READ_WITHIN,
            "filename": filename,
            "format": outline.format,
            "digest": digest,
            "state": READING,
            "stopped_by": None,
            "total": outline.total,
            "done": 0,
            "slices": 0,
            "next_slice": 0,
            "base": None,
            "timezone": zone,
            "day_reminder_at": day_reminder_at,
            "removed": 0,
            "stayed": _NOTHING,
            "kinds": to_json(kinds).decode(),
            "not_understood": to_json(outline.not_understood).decode(),
        }
        await self._write(ADD, **row)
        number = 0
        try:
            async for some in slices:
                await self._store(id_, dict(enumerate(some, number)))
                number += len(some)

            async def begin(tx: Transaction) -> str | None:
                other = await self._unfinished(tx, digest)
                if other is None:
                    left = sum(each["not_taken"] for each in kinds.values())
                    row = await take(tx, self._owner_id, id_)
                    await put(tx, row, state=RUNNING, slices=number, done=left, expires_at=now + KEPT)
                    await self._forget_the_oldest(tx)
                return other

            other = await self._database.write(begin, owner_id=self._owner_id)
        except BaseException:
            await self._write(REMOVE, owner_id=self._owner_id, import_id=id_)
            raise
        if other is not None:  # the same file, sent twice at once
            await self._write(REMOVE, owner_id=self._owner_id, import_id=id_)
        return other or id_

    async def _forget_the_oldest(self, tx: Transaction) -> None:
        for row in (await tx.all(STATES, owner_id=self._owner_id))[MOST:]:
            if row["state"] in {DONE, UNDONE}:
                await tx.one(REMOVE, owner_id=self._owner_id, import_id=row["id"])

    def undo(self, id_: str) -> Work[Row]:
        """Begin to undo it; again, it changes nothing."""

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            row = await take(tx, self._owner_id, id_)
            if row["state"] == READING:
                raise ImportNotFound
            if row["state"] in {RUNNING, STOPPED, DONE}:
                row = await put(tx, row, state=UNDOING, expires_at=clock.now() + KEPT)
            return as_sent(row)

        return work

    async def _store(self, id_: str, slices: Mapping[int, str]) -> None:
        async def work(tx: Transaction) -> None:
            await advance(tx, self._owner_id, by=0)
            for number, things in slices.items():
                await tx.one(ADD_SLICE, owner_id=self._owner_id, import_id=id_, number=number, things=things)

        await self._database.write(work, owner_id=self._owner_id, long=True)

    async def _write(self, statement: Statement[Any], **parameters: Any) -> None:
        async def work(tx: Transaction) -> None:
            # An owner who is being removed gets nothing more.
            await advance(tx, self._owner_id, by=0)
            await tx.one(statement, **parameters)

        await self._database.write(work, owner_id=self._owner_id, long=True)


async def take(tx: Transaction, owner_id: str, id_: str) -> ImportRow:
    """The import. The owner's row is taken, so that nobody changes it before it is written."""
    row = await tx.one(TAKE, owner_id=owner_id, import_id=id_)
    if row is None:
        raise ImportNotFound
    return row


async def put(tx: Transaction, row: ImportRow, **changes: Any) -> ImportRow:
    """Write the row, changed."""
    new = {f"new_{name}": value for name, value in {**row, **changes}.items()}
    written = await tx.one(UPDATE, owner_id=row["owner_id"], import_id=row["id"], **new)
    assert written is not None  # noqa: S101 - it was taken in this transaction
    return written


async def under_way(database: Database, states: Iterable[str]) -> list[tuple[str, str, str]]:
    """Some imports in these states, the oldest of each first: whose, which, and the state."""
    found = []
    for state in states:
        found += [(row["owner_id"], row["id"], state) for row in await database.all(UNDER_WAY, state=state)]
    return found


async def purge(database: Database) -> None:
    """Forget imports that can no longer be undone."""
    await EXPIRED.run(database, clock.now())


def as_sent(row: ImportRow) -> Row:
    """An import as it goes over the wire."""
    return {
        **{name: row[name] for name in ("id", "filename", "format", "state")},
        **{name: instant_to_text(row[name]) for name in ("created_at", "expires_at")},
        **{name: row[name] for name in ("total", "done")},
        **{name: from_json(row[name]) for name in ("kinds", "not_understood")},
        **{name: row[name] for name in ("stopped_by", "removed")},
        "stayed": from_json(row["stayed"]),
    }
