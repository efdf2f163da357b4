"""The SQL of revocations: how one is made, and how every process reads those that it does not know yet.

Each has a number, and a reader remembers the last one. On SQLite writers take turns, so numbers are committed in their
order. On PostgreSQL the number is that of the transaction, and one that began early may be committed late: there a
reader remembers its snapshot, and every revocation that this snapshot did not see is new.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, ColumnElement, Text, bindparam, false, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from doable import clock
from doable.accounts.tables import revocations
from doable.database import Database, Reading, Statement, Transaction
from doable.database.expiry import Expiry
from doable.database.pages import SLICE, Order


class _NewNumber(FunctionElement[int]):
    """The number of a new revocation."""

    type = BigInteger()
    inherit_cache = True


class _Seen(FunctionElement[str]):
    """The position of a reader who reads now."""

    type = Text()
    inherit_cache = True


class _Server(FunctionElement[str]):
    """The identity of the server. After a failover it is another one, with other numbers."""

    type = Text()
    inherit_cache = True


class _WasSeen(FunctionElement[bool]):
    """Whether a reader at this position has read a revocation although its number is higher."""

    type = Boolean()
    inherit_cache = True


_POSTGRESQL: Final[dict[type[FunctionElement[Any]], str]] = {
    _NewNumber: "CAST(CAST(pg_current_xact_id() AS text) AS bigint)",
    _Seen: "CAST(pg_current_snapshot() AS text)",
    _Server: "CAST(pg_postmaster_start_time() AS text)",
    _WasSeen: "pg_visible_in_snapshot(CAST(CAST(number AS text) AS xid8), CAST({0} AS pg_snapshot))",
}
_SQLITE: Final[dict[type[FunctionElement[Any]], str]] = {
    _NewNumber: "NULL",  # the next number that no row has ever had
    _Seen: "(SELECT CAST(coalesce(max(seq), 0) AS TEXT) FROM sqlite_sequence WHERE name = 'revocations')",
    _Server: "''",
    _WasSeen: "0",
}


def _compile(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    texts = _POSTGRESQL if compiler.dialect.name == "postgresql" else _SQLITE
    return texts[type(element)].format(*(compiler.process(each, **options) for each in element.clauses))


for _element in _POSTGRESQL:
    compiles(_element)(_compile)

REVOKE = Statement(
    (_insert := insert(revocations))
    .values(id=bindparam("id"), expires_at=bindparam("expires_at"), number=_NewNumber())
    .on_conflict_do_update(
        index_elements=[revocations.c.id],
        # With another number, so that it is read again.
        set_={"expires_at": _insert.excluded.expires_at, "number": _insert.excluded.number},
    )
    .inline()
)
UNTIL = Statement(select(revocations.c.expires_at).where(revocations.c.id == bindparam("id")))
_ANSWERS: Final[tuple[ColumnElement[Any], ...]] = (_Seen().label("seen"), _Server().label("server"))
SEEN = Statement(select(*_ANSWERS))


def _page(order: Order, *where: ColumnElement[bool]) -> Statement:
    """A page of them, after the last one of the page before."""
    return Statement(
        select(revocations.c.number, revocations.c.id, revocations.c.expires_at)
        .where(*where, order.is_after)
        .order_by(*order.columns)
        .limit(SLICE)
    )


NEW = _page(Order(revocations.c.number, revocations.c.id), _WasSeen(bindparam("seen", type_=Text())).is_(false()))
_BY_EXPIRY: Final = Order(revocations.c.expires_at, revocations.c.id)
LIVE = _page(_BY_EXPIRY)
EXPIRED = Expiry(revocations.c.expires_at)

_ALL: Final = "d0ab1e00-0000-8000-8000-"
"""How an id begins that revokes all access tokens up to a second, which is the rest of it. No other id here is of version 8
(RFC 9562)."""


def start_of(seen: str) -> int:
    """The number before which everything has been read. It falls only if the database was put back."""
    return int(seen.partition(":")[0])


async def revoke(tx: Transaction, revoked_id: str, expires_at: datetime) -> None:
    """Have every process refuse tokens with this id. After `expires_at` all of them have expired."""
    await tx.one(REVOKE, id=revoked_id, expires_at=expires_at)


async def revoke_all(tx: Transaction, until: int, expires_at: datetime) -> None:
    """Have every process refuse access tokens that were issued until this second since 1970, whoever's they are."""
    await revoke(tx, f"{_ALL}{until:012x}", expires_at)


def all_until(revoked_id: str) -> int:
    """Until which second this id revokes all access tokens; 0 if it is that of one thing."""
    return int(revoked_id.removeprefix(_ALL), 16) if revoked_id.startswith(_ALL) else 0


async def revoked_until(tx: Reading, revoked_id: str) -> datetime | None:
    """When the revocation of this id expires; None if there is none."""
    row = await tx.one(UNTIL, id=revoked_id)
    return None if row is None else row["expires_at"]


async def purge_revocations(database: Database) -> None:
    """Delete revocations whose tokens have expired anyway."""
    await EXPIRED.run(database, clock.now())


async def renumber_revocations(tx: Transaction) -> None:
    """Number all of them anew, after a backup was restored.

    The transactions of a new PostgreSQL server have lower numbers. To every reader each of the old ones would be new,
    twice a second, until it expires.
    """
    after = _BY_EXPIRY.start()
    while rows := await tx.all(LIVE, **after):
        for row in rows:
            await revoke(tx, row["id"], row["expires_at"])
        after = _BY_EXPIRY.after(rows[-1])
