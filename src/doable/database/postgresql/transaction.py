"""Statements on one connection, each within the time that its call has left; and what the driver's errors mean."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from doable.database.protocol import Collision, Duplicate, Work
from doable.database.statement import R, Statement
from doable.errors import Busy, StorageFull, Unavailable

T = TypeVar("T")

Connection = PoolConnectionProxy

TIMEOUT_SECONDS: Final = 5.0
"""What a call may wait in all."""

MAX_SHORT: Final = 100
"""The statements of a short call."""

# Serialization failure and deadlock: the server has undone the transaction, and the same one may well succeed.
_COLLISION: Final = ("40001", "40P01")
_LOCK_NOT_AVAILABLE: Final = "55P03"
_DISK_FULL: Final = "53100"
# SQLSTATE classes and codes for which the same request may succeed later: connection, transaction rollback, resources,
# operator intervention, system error; wrong log-in or database; a standby that was promoted or demoted (read-only).
_TRANSIENT: Final = ("08", "28", "3D", "40", "53", "57", "58", "25006", "25P03")
DRIVER_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Budget:
    """The time that a call may wait in all: for its turn, a connection, each answer of the server, and the COMMIT.

    If it is `long`, it has that time from each answer of the server to the next: it may go on while the server does. A
    call that turns out to have very many statements is a long one from then on.
    """

    def __init__(self, seconds: float, *, long: bool = False) -> None:
        self._seconds = seconds
        self._short = 0 if long else MAX_SHORT
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left; 0 or less is a timeout to every wait."""
        return self._ends_at - time.monotonic()

    def answered(self) -> None:
        """Note that the server has answered."""
        self._short -= 1
        if self._short < 0:
            self._ends_at = time.monotonic() + self._seconds


class PostgreSQLTransaction:
    """Statements on one connection of the pool, until the transaction ends or one of them fails."""

    def __init__(self, connection: Connection, budget: Budget) -> None:
        self._connection = connection
        self._budget = budget
        self.failure: BaseException | None = None

    def end(self) -> None:
        """Make every further use an error: the connection is somebody else's from here on."""
        self.failure = self.failure or RuntimeError("This transaction has ended.")

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        if "postgresql" not in vars(statement):
            await asyncio.to_thread(_compile, statement)
        compiled = statement.postgresql
        with self._usable() as connection:
            values = await connection.fetchrow(
                compiled.sql, *compiled.arguments(parameters), timeout=self._budget.left()
            )
        return None if values is None else compiled.row(values)

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        if "postgresql" not in vars(statement):
            await asyncio.to_thread(_compile, statement)
        compiled = statement.postgresql
        with self._usable() as connection:
            rows = await connection.fetch(compiled.sql, *compiled.arguments(parameters), timeout=self._budget.left())
        return [compiled.row(values) for values in rows]

    async def aside(self, function: Callable[[], T], /) -> T:
        return await asyncio.to_thread(function)

    @contextmanager
    def _usable(self) -> Iterator[Connection]:
        if self.failure is not None:
            raise self.failure
        try:
            with translated(self._connection):
                yield self._connection
        except BaseException as error:
            # PostgreSQL answers COMMIT of a failed transaction with success, so the failure is kept.
            self.failure = error
            raise
        self._budget.answered()


def _compile(statement: Statement[Any]) -> None:
    """For a thread: a large one takes ten milliseconds, for which the event loop would stand still."""
    _ = statement.postgresql


async def drive(work: Work[T], transaction: PostgreSQLTransaction) -> T:
    """Run a work to its end. Raises its error, and also that of a failed statement which the work caught."""
    result = await work(transaction)
    if transaction.failure is not None:
        raise transaction.failure
    return result


@contextmanager
def translated(connection: Connection | None = None) -> Iterator[None]:
    """Turn the driver's temporary errors into Unavailable. Only the driver is called inside, never a work."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Duplicate from error
    except asyncpg.PostgresError as error:
        state = error.sqlstate or "08"
        if state in _COLLISION:
            raise Collision from error
        if state == _LOCK_NOT_AVAILABLE:
            raise Busy from error
        if state == _DISK_FULL:
            raise StorageFull from error
        if state.startswith(_TRANSIENT):
            raise Unavailable from error
        raise
    except OSError as error:  # TimeoutError is one
        raise Unavailable from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # On a live connection it is our mistake: a value of the wrong type, or two statements at once.
        if connection is None or is_lost(connection):
            raise Unavailable from error
        raise


def is_lost(connection: Connection) -> bool:
    """Whether nothing can be sent on it any more."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # the pool has taken it back because it was closed
