"""How a work runs on a SQLite connection: straight through, without ever giving the event loop back."""

from typing import Any, TypeVar

from doable.database.protocol import Work
from doable.database.sqlite_driver import sqlite3
from doable.database.statement import Row, Statement
from doable.errors import Unavailable

T = TypeVar("T")

# Primary result codes (sqlite.org/rescode.html) for which the same request may succeed later, or on a mended disk:
# PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. Anything else is our mistake.
_TRANSIENT = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26})


def unavailable(error: "sqlite3.Error") -> Exception:
    """The error to raise for one of the driver's."""
    if getattr(error, "sqlite_errorcode", 1) & 0xFF in _TRANSIENT:
        return Unavailable()
    return error


class SQLiteTransaction:
    """Statements on one connection, until the transaction ends."""

    def __init__(self, connection: "sqlite3.Connection") -> None:
        self._connection: sqlite3.Connection | None = connection
        self._began = connection.in_transaction

    def end(self) -> None:
        """From here on every use is an error: it would run outside the transaction, and stay."""
        self._connection = None

    async def one(self, statement: Statement, /, **parameters: Any) -> Row | None:
        rows = await self.all(statement, **parameters)
        return rows[0] if rows else None

    async def all(self, statement: Statement, /, **parameters: Any) -> list[Row]:
        if self._connection is None:
            message = "This transaction has ended."
            raise RuntimeError(message)
        compiled = statement.sqlite
        try:
            rows = self._connection.execute(compiled.sql, compiled.arguments(parameters)).fetchall()
        except sqlite3.Error as error:
            if self._began and not self._connection.in_transaction:
                # A full disk undoes the whole transaction: what a work might do next would run, and stay, without one.
                self.end()
            raise unavailable(error) from error
        return [compiled.row(row) for row in rows]


def drive(work: Work[T], transaction: SQLiteTransaction) -> T:
    """Run a work to its end.

    Raises what it raises, and RuntimeError for a work that awaits anything but its transaction: the connection would be
    left in the middle of a transaction while others run on it.
    """
    coroutine = work(transaction)
    try:
        coroutine.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    transaction.end()
    coroutine.close()
    name = getattr(work, "__qualname__", repr(work))
    message = f"The work {name} awaited something other than its transaction."
    raise RuntimeError(message)
