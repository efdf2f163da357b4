"""How a work runs on a SQLite connection: straight through, without ever giving the event loop back."""

from collections.abc import Callable
from math import inf
from typing import Any, TypeVar

from doable.database.protocol import Duplicate, Work
from doable.database.sqlite.driver import sqlite3
from doable.database.statement import R, Statement
from doable.errors import StorageFull, Unavailable

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

# Primary result codes (sqlite.org/rescode.html) for which the same request may succeed later, or once the disk is repaired:
# PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, CANTOPEN, PROTOCOL, NOTADB. Anything else is our mistake.
_TRANSIENT = frozenset({3, 5, 6, 7, 8, 10, 11, 14, 15, 26})

_INTERRUPTED = 9
_FULL = 13
_CONSTRAINT = 19


class TooLongError(Exception):
    """The work has more statements than it was given, or takes more steps."""


def translated(error: E) -> E | Duplicate | Unavailable | TooLongError:
    """The error to raise in place of one of the driver's."""
    code = getattr(error, "sqlite_errorcode", 1)
    if code & 0xFF == _INTERRUPTED:
        return TooLongError()
    # Extended codes would tell this constraint from the others, but pysqlite3 has none.
    if code & 0xFF == _CONSTRAINT and str(error).startswith("UNIQUE "):
        return Duplicate()
    if code & 0xFF == _FULL:
        return StorageFull()
    if code & 0xFF in _TRANSIENT:
        return Unavailable()
    return error


class SQLiteTransaction:
    """Statements on one connection, until the transaction ends, one of them fails, or there are more than `most`."""

    def __init__(self, connection: "sqlite3.Connection", *, most: float = inf) -> None:
        self._connection = connection
        self._left = most
        self._began = connection.in_transaction
        self.failure: Exception | None = None

    def end(self) -> None:
        """Make every further use an error: it would run outside the transaction, and stay."""
        self.failure = self.failure or RuntimeError("This transaction has ended.")

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        rows = await self.all(statement, **parameters)
        return rows[0] if rows else None

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        if self.failure is not None:
            raise self.failure
        self._left -= 1
        if self._left < 0:
            self.failure = TooLongError()
            raise self.failure
        compiled = statement.sqlite
        try:
            rows = self._connection.execute(compiled.sql, compiled.arguments(parameters)).fetchall()
        except Exception as error:
            failure = translated(error)
            if self._began:
                # A full disk undoes the whole transaction, so the work's next statement would run without one, and stay.
                # PostgreSQL ends a transaction at any error, and so any error is the end of the work here too.
                self.failure = failure
            raise failure from error
        return [compiled.row(row) for row in rows]

    async def later(self, statement: Statement[Any], /, **parameters: Any) -> None:
        await self.all(statement, **parameters)  # nothing is far away

    async def aside(self, function: Callable[[], T], /) -> T:
        if self._left < inf:  # a short work is on the loop: it runs again, in the thread of long ones
            self.failure = TooLongError()
            raise self.failure
        return function()


def drive(work: Work[T], transaction: SQLiteTransaction) -> T:
    """Run a work to its end.

    Raises its error, that of a failed statement which the work caught, and RuntimeError for a work that awaits anything
    but its transaction: the connection would be left in the middle of a transaction while others run on it.
    """
    try:
        coroutine = work(transaction)
        coroutine.send(None)
    except StopIteration as finished:
        if transaction.failure is not None:
            raise transaction.failure from None
        result: T = finished.value
        return result
    name = getattr(work, "__qualname__", repr(work))
    # Everything that it still tries while it is closed, or has left running, gets the same error.
    transaction.failure = RuntimeError(f"The work {name} awaited something other than its transaction.")
    coroutine.close()
    raise transaction.failure
