"""Statements: written with SQLAlchemy Core, compiled once for each database, run by the driver."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar
from weakref import WeakSet

from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam
from sqlalchemy.dialects.postgresql import Insert as Upsert
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.sqlite import pysqlite as sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.visitors import iterate

from doable.database.types import Convert, from_driver, to_driver

if TYPE_CHECKING:
    from typing_extensions import TypeVar as DefaultTypeVar

Row = dict[str, Any]

Shape = Callable[[Sequence[Any]], Any]
"""Makes what the statement answers of a row's values, in the order of its columns, where that is more than their dict."""

R = TypeVar("R")
if TYPE_CHECKING:
    R_co = DefaultTypeVar("R_co", covariant=True, default=Row)
else:
    R_co = TypeVar("R_co", covariant=True)  # with a default from Python 3.13 on


class _SQLite(SQLiteCompiler):
    """Hides the parameter of LIMIT from SQLite's planner.

    Since 3.47 SQLite's planner reads the value, to plan for that many rows, and so prepares the statement anew whenever it
    is bound: a page took 54 µs in place of 29.
    """

    def limit_clause(self, select: Any, **options: Any) -> str:
        text: str = super().limit_clause(select, **options)  # type: ignore[no-untyped-call] # SQLAlchemy's own
        return text.replace(" OFFSET ", " + 0 OFFSET ")


_SQLITE: Final = sqlite.dialect(paramstyle="qmark")
_SQLITE.statement_compiler = _SQLite


class Compiled:
    """One statement for one database: its SQL, the order of its parameters, and the conversions of their values."""

    def __init__(self, construct: "Construct", dialect: Dialect, shape: "Shape | None" = None) -> None:
        self._shape = shape
        compiled = construct.compile(dialect=dialect)
        order = getattr(compiled, "positiontup", None) or ()
        self.sql = str(compiled)
        self._parameters: list[tuple[str, Convert | None]] = []
        self._literals: dict[str, Any] = {}
        for name in order:
            bind = compiled.binds[name]
            convert = to_driver(dialect.name, bind.type)
            if not bind.required:
                self._literals[name] = bind.value if convert is None or bind.value is None else convert(bind.value)
                convert = None
            self._parameters.append((name, convert))
        columns = construct.exported_columns
        self._names = tuple(str(column.key) for column in columns)
        self._conversions = tuple(
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := from_driver(dialect.name, column.type)) is not None
        )

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The parameters and the statement's own literals in the driver's order. A missing one is a KeyError."""
        values = {**self._literals, **parameters} if self._literals else parameters
        return [
            values[name] if convert is None or values[name] is None else convert(values[name])
            for name, convert in self._parameters
        ]

    def row(self, values: Any) -> Any:
        """One row of the driver's with converted values: in the statement's shape, else as a dict."""
        if self._conversions:
            values = list(values)
            for place, convert in self._conversions:
                value = values[place]
                if value is not None:
                    values[place] = convert(value)
        return dict(zip(self._names, values, strict=True)) if self._shape is None else self._shape(values)


Construct = Select[Any] | Insert | Update | Delete


class Statement(Generic[R_co]):
    """One statement, made at import with a `bindparam` for everything that varies.

    `Statement[SomeRow](…)` declares its rows by a TypedDict; a test compares that with the columns.
    """

    all: ClassVar[WeakSet["Statement[Any]"]] = WeakSet()
    """Every statement there is, for tests that look at all of them."""

    def __init__(self, construct: Construct | Callable[[], Construct], shape: Shape | None = None) -> None:
        self._construct: Final = construct
        self._shape: Final = shape
        Statement.all.add(self)

    @property
    def construct(self) -> Construct:
        """What it is compiled from. One that a function makes is not kept: it takes ten times the memory of its SQL."""
        return self._construct() if callable(self._construct) else self._construct

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables that it reads or changes."""
        construct = self.construct
        target = [] if isinstance(construct, Select) else [construct.table]
        within = [getattr(each, "element", each) for each in iterate(construct)]
        return frozenset(each.name for each in [*target, *within] if isinstance(each, Table))

    @cached_property
    def sqlite(self) -> Compiled:
        """Compiled for the sqlite3 module, with `?` for parameters."""
        return Compiled(self.construct, _SQLITE, self._shape)

    @cached_property
    def postgresql(self) -> Compiled:
        """Compiled for asyncpg, with `$1` for parameters."""
        return Compiled(self.construct, postgresql.dialect(), self._shape)  # type: ignore[no-untyped-call] # SQLAlchemy's own


def insert_row(table: Table) -> Upsert:
    """An insert of one whole row: each column is a parameter of its own name."""
    return insert(table).values({column.name: bindparam(column.name, type_=column.type) for column in table.columns})
