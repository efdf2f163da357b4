"""The protocol of a database, for SQLite and PostgreSQL alike."""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, Self, TypeVar

from doable.database.schema import Schema
from doable.database.statement import R, Statement
from doable.errors import Unavailable

T = TypeVar("T")

MAX_WAITING_OF_ONE_OWNER: Final = 64
"""The number of one owner's writes that may wait in one process. While they do, further ones of this owner are refused."""


class Duplicate(Exception):
    """A unique constraint refuses the statement, and so ends the work. A caller that may cause it says what it means."""


class Collision(Unavailable):
    """Another transaction came in between, so this one is undone and its work runs again, a few times at most.

    A work raises it where the second look would find something else than the first. SQLite, where writes take turns, has none.
    """


class Reading(Protocol):
    """What can be asked."""

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        """Run the statement; its first row, or None."""

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        """Run the statement; all of its rows."""

    async def aside(self, function: Callable[[], T], /) -> T:
        """Run what computes for some milliseconds, beside the event loop."""


class Transaction(Reading, Protocol):
    """A work's access to the database, only while it runs."""

    async def later(self, statement: Statement[Any], /, **parameters: Any) -> None:
        """Run a statement whose rows nobody needs, in the round trip of a later one, and at the latest before the COMMIT.

        No other statement can tell that it ran late; its own error is raised only then.
        """


Work = Callable[[Transaction], Coroutine[Any, Any, T]]
"""An `async def` over a transaction. It awaits nothing but that transaction, and since it may run more than once, its
only effects go through it. A statement that fails is the end of its transaction: the work may raise another error
instead, and an error that it catches and hides is raised again when it returns."""


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a process is with its database."""

    waiting: int
    """Writes that wait for their turn."""
    disk_is_full: bool
    connections: tuple[int, int] | None = None
    """Used and free ones, where there is a pool."""
    commits: Mapping[int, int] = field(default_factory=dict)
    """How many COMMITs since the start had so many works in them, where they share one."""


class Database(Reading, Protocol):
    """SQLite or PostgreSQL. `one` and `all` on the database itself can only read.

    Every method raises Unavailable when the database cannot be reached, is full, overloaded, locked or too slow.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None:
        """Finish the works that have begun, then close."""

    async def read(self, work: Work[T], *, long: bool = False, seldom: bool = False, alone: bool = False) -> T:
        """Run several reads on one snapshot. `long`: they may take more than a millisecond, so that the user's next ones wait.

        `seldom`: hardly ever they do, and nothing else in the work does. `alone`: it is one statement, which needs no snapshot.
        """

    async def write(self, work: Work[T], *, owner_id: str | None = None, long: bool = False) -> T:
        """Run a work in a transaction of its own: all of it is committed when this returns, or none when it raises.

        With `owner_id`, the owner of the data, one owner's writes can neither take all connections nor fill the queue.
        `long`: it has more than 50 statements, or one that may touch many rows. One that seldom has so many need not be
        called long: it becomes so by its number of statements.
        """

    def watch(self, changed: Callable[[str | None], None]) -> AbstractContextManager[None]:
        """While it lasts, call `changed` with the owner of each write that any process commits.

        With None if the owner is unknown. A call may be for nothing, and one may be missing after a process died or
        somebody else wrote, so a caller that must know looks for itself now and then.
        """

    async def version(self) -> object:
        """As long as this is equal, nobody has committed anything."""

    def load(self) -> Load:
        """How busy it is."""

    async def schema(self) -> Schema | None:
        """The schema as the database names it; None for an empty one."""
