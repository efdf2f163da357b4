"""Statements on one connection, each within the time that its call has left; and what the driver's errors mean."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import accumulate, chain
from typing import Any, Final, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from doable.database.protocol import Collision, Duplicate, Work
from doable.database.statement import Compiled, R, Statement
from doable.errors import Busy, StorageFull, Unavailable

T = TypeVar("T")

Connection = PoolConnectionProxy

TIMEOUT_SECONDS: Final = 5.0
"""What a call may wait in all."""

MAX_TOGETHER: Final = 7
"""The statements that are run as one. The server keeps a plan of each combination that there is."""

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


_PARAMETER: Final = re.compile(r"\$(\d+)")

Late = tuple[Statement[Any], str, list[Any]]
"""A statement that is to be run later, its text and its arguments."""


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
        self._late: list[Late] = []
        self.failure: BaseException | None = None

    def end(self) -> None:
        """Make every further use an error: the connection is somebody else's from here on."""
        self.failure = self.failure or RuntimeError("This transaction has ended.")

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        compiled = await _compiled(statement)
        sql, arguments = await self._with_late_ones(statement, compiled.sql, compiled.arguments(parameters))
        with self._usable() as connection:
            values = await connection.fetchrow(sql, *arguments, timeout=self._budget.left())
        return None if values is None else compiled.row(values)

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        compiled = await _compiled(statement)
        sql, arguments = await self._with_late_ones(statement, compiled.sql, compiled.arguments(parameters))
        with self._usable() as connection:
            rows = await connection.fetch(sql, *arguments, timeout=self._budget.left())
        return [compiled.row(values) for values in rows]

    async def later(self, statement: Statement[Any], /, **parameters: Any) -> None:
        compiled = await _compiled(statement)
        if self.failure is not None:
            raise self.failure
        if not self._can_go_together(statement, compiled.sql):
            await self.catch_up()
        self._late.append((statement, compiled.sql, compiled.arguments(parameters)))

    async def catch_up(self) -> None:
        """Run what was to be run later."""
        if self._late:
            *others, (_, sql, arguments) = self._late
            self._late = []
            sql, arguments = _together(others, sql, arguments)
            with self._usable() as connection:
                await connection.fetch(sql, *arguments, timeout=self._budget.left())

    async def _with_late_ones(self, statement: Statement[Any], sql: str, arguments: list[Any]) -> tuple[str, list[Any]]:
        """The statement together with those that were to be run later; by itself, after them, if it may see what they do."""
        if not self._late:
            return sql, arguments
        if not self._can_go_together(statement, sql):
            await self.catch_up()
            return sql, arguments
        others, self._late = self._late, []
        return _together(others, sql, arguments)

    def _can_go_together(self, statement: Statement[Any], sql: str) -> bool:
        # The parts of one statement neither see what the others do, nor have an order. None of them has parts of its own.
        texts = [sql, *(text for _, text, _ in self._late)]
        return (
            len(texts) <= MAX_TOGETHER
            and all(each.tables.isdisjoint(statement.tables) for each, _, _ in self._late)
            and not any(text.startswith("WITH ") for text in texts)
        )

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


async def _compiled(statement: Statement[Any]) -> Compiled:
    if "postgresql" not in vars(statement):
        # A large one takes ten milliseconds, for which the event loop would stand still.
        await asyncio.to_thread(getattr, statement, "postgresql")
    return statement.postgresql


def _together(others: Sequence[Late], sql: str, arguments: list[Any]) -> tuple[str, list[Any]]:
    """One statement that does what the others do, and answers what the last one does."""
    every = [*(each for _, _, each in others), arguments]
    return _as_one((*(each for _, each, _ in others), sql), tuple(map(len, every))), [*chain(*every)]


def _moved(before: int, parameter: re.Match[str]) -> str:
    return f"${int(parameter[1]) + before}"


@lru_cache(maxsize=1024)
def _as_one(texts: tuple[str, ...], numbers: tuple[int, ...]) -> str:
    """The texts as the parts of one statement, each with so many parameters."""
    *parts, last = (
        _PARAMETER.sub(partial(_moved, before), text)
        for text, before in zip(texts, accumulate(numbers, initial=0), strict=False)
    )
    return (
        f"WITH {', '.join(f'late_{number} AS ({each})' for number, each in enumerate(parts))} {last}" if parts else last
    )


async def drive(work: Work[T], transaction: PostgreSQLTransaction) -> T:
    """Run a work to its end. Raises its error, and also that of a failed statement which the work caught."""
    result = await work(transaction)
    if transaction.failure is None:
        await transaction.catch_up()
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
