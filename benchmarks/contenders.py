"""Who is measured, and at what."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.bare_asgi_server import BareASGIServer
from benchmarks.doable_server import DoableServer
from benchmarks.pocketbase_server import PocketBaseServer
from benchmarks.server import Contender
from benchmarks.usual_fastapi_server import UsualFastAPIServer
from benchmarks.workload import CREATE, DELETE, GET, LIST, LOG_IN, OPERATIONS, UPDATE

if TYPE_CHECKING:
    from support.postgresql import PostgreSQL

Cell = tuple[str, int]
"""An operation, and over how many connections."""

CONNECTIONS: Final = (1, 16, 100)
EVERYTHING: Final = frozenset(product(OPERATIONS, CONNECTIONS)) - {(LOG_IN, 100)}
ESSENTIALS: Final = frozenset(product((GET, LIST, CREATE), (16,)))
# With more connections a group commit hides what an fsync costs.
DURABILITY: Final = frozenset({(CREATE, 1)})
ALL_FIELDS: Final = frozenset(product((GET, LIST, CREATE, UPDATE), (16, 100)))

BARE: Final = (GET, LIST, CREATE)
"""What the bare application can do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One contender: how it is made, and what of it is measured."""

    make: "Callable[[Path, PostgreSQL], Contender]"
    cells: frozenset[Cell]
    operations: tuple[str, ...] = OPERATIONS

    def wanted(self, only: list[str] | None, connections: list[int] | None) -> frozenset[Cell]:
        """Its cells; other ones where other connections are asked for."""
        cells = self.cells if connections is None else frozenset(product(self.operations, connections))
        wanted = {cell for cell in cells if only is None or cell[0] in only}
        # What is deleted has to be created first.
        return frozenset(wanted | {(CREATE, count) for operation, count in wanted if operation == DELETE})


CONTENDERS: Final = {
    "doable": Entry(lambda folder, _: DoableServer(folder), EVERYTHING),
    "pocketbase": Entry(lambda folder, _: PocketBaseServer(folder), EVERYTHING),
    "usual": Entry(lambda folder, _: UsualFastAPIServer(folder), EVERYTHING),
    "doable-fields": Entry(lambda folder, _: DoableServer(folder, fields=True), ALL_FIELDS),
    "pocketbase-fields": Entry(lambda folder, _: PocketBaseServer(folder, fields=True), ALL_FIELDS),
    "doable-postgresql": Entry(DoableServer, ESSENTIALS),
    "usual-postgresql": Entry(UsualFastAPIServer, ESSENTIALS),
    "bare": Entry(lambda folder, _: BareASGIServer(folder, grouped=False), ESSENTIALS, BARE),
    "bare-grouped": Entry(lambda folder, _: BareASGIServer(folder, grouped=True), frozenset({(CREATE, 16)}), BARE),
    "pocketbase-full": Entry(lambda folder, _: PocketBaseServer(folder, full=True), DURABILITY),
    "usual-normal": Entry(
        lambda folder, _: UsualFastAPIServer(folder, pragmas="synchronous=NORMAL", label=", NORMAL"), DURABILITY
    ),
    "usual-wal": Entry(
        lambda folder, _: UsualFastAPIServer(folder, pragmas="journal_mode=WAL synchronous=NORMAL", label=", WAL"),
        frozenset({(CREATE, 1), (CREATE, 16)}),
    ),
}
BASELINES: Final = {"usual-postgresql": "doable-postgresql", "pocketbase-fields": "doable-fields"}
"""The contender that one is compared with, if that is not Doable on SQLite."""
