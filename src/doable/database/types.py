"""The column types that there are, and how their values cross to each driver.

Statements run without SQLAlchemy's connection, which would convert values; `Statement` asks here instead.
The set is closed: most other types would be right on PostgreSQL and come back from SQLite as something else.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Self
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import BigInteger, BindParameter, Boolean, DateTime, Integer, SmallInteger, String, Text, types
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as POSTGRESQL_UUID
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

type_engine = types.TypeEngine[Any]

Convert = Callable[[Any], Any]


class Id(types.TypeDecorator[str]):
    """A UUID: `uuid` on PostgreSQL, 36 characters of text on SQLite. In Python always the lower-case text."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> type_engine:
        """The column type of one database."""
        return POSTGRESQL_UUID(as_uuid=False) if dialect.name == "postgresql" else String(36)


class Instant(types.TypeDecorator[datetime]):
    """An instant: `timestamptz` on PostgreSQL, 27 characters of RFC 3339 text on SQLite, which sort as instants do.

    In Python always an aware datetime in UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> type_engine:
        """The column type of one database."""
        return DateTime(timezone=True) if dialect.name == "postgresql" else String(27)


class InstantText(Instant):
    """An instant that is only read, to be sent: in Python the text that both SQLite and the wire have. No column is one."""

    cache_ok = True


class OrderedText(types.TypeDecorator[str]):
    """Text that is sorted or compared by range, on both databases by its bytes and not by the rules of a language."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> type_engine:
        """The column type of one database."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()


class Flag(types.TypeDecorator[bool]):
    """True or false: 1 or 0 in a `smallint`, since SQLite has no booleans and literals must mean the same on both."""

    impl = SmallInteger
    cache_ok = True


class _Several(types.TypeDecorator[Any]):
    """A parameter of a statement that is many values: an array on PostgreSQL, JSON on SQLite. For `one_of`; no column is one."""

    impl = Text
    cache_ok = True
    of: Any

    def load_dialect_impl(self, dialect: Dialect) -> type_engine:
        """The parameter's type of one database."""
        return ARRAY(self.of) if dialect.name == "postgresql" else Text()


class Ids(_Several):
    """Many ids."""

    cache_ok = True
    of = POSTGRESQL_UUID(as_uuid=False)


class Numbers(_Several):
    """Many whole numbers."""

    cache_ok = True
    of = BigInteger()


class Texts(_Several):
    """Many texts."""

    cache_ok = True
    of = Text()


class _Condition(FunctionElement[bool]):
    """What is true or false, and stands in a WHERE by itself."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002 - as SQLAlchemy calls it
        """Itself: on SQLite a Boolean would be compared with 1, and found by no index."""
        return self


class one_of(_Condition):  # noqa: N801 - it is written like a function of SQL
    """Whether a column is one of many values, however many: so that their number makes no other statement."""

    inherit_cache = True


@compiles(one_of)
def _any(element: "one_of", compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(one_of, "sqlite")
def _in_json(element: "one_of", compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - what was compiled


class numbers_of(FunctionElement[Any]):  # noqa: N801 - it is written like a function of SQL
    """The whole numbers of all rows in one value; on PostgreSQL null where there are no rows."""

    type = Numbers()
    inherit_cache = True


@compiles(numbers_of)
def _array_agg(element: "numbers_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"array_agg({compiler.process(element.clauses, **options)})"


@compiles(numbers_of, "sqlite")
def _json_group_array(element: "numbers_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **options)})"


class place_in(FunctionElement[int]):  # noqa: N801 - it is written like a function of SQL
    """Where another text is in a text; 0 if it is not. Bytes are compared."""

    type = BigInteger()
    inherit_cache = True


@compiles(place_in)
def _strpos(element: "place_in", compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(place_in, "sqlite")
def _instr(element: "place_in", compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


class by_a_set(_Condition):  # noqa: N801 - it is written like a function of SQL
    """`IN (SELECT …)` by a set that is made once. PostgreSQL sees no join in it, which it would make by loops in loops."""

    inherit_cache = True


@compiles(by_a_set)
def _is_true(element: "by_a_set", compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} IS true)"


@compiles(by_a_set, "sqlite")
def _as_it_is(element: "by_a_set", compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


class bytes_of(FunctionElement[int]):  # noqa: N801 - it is written like a function of SQL
    """The number of bytes of a text in UTF-8."""

    type = BigInteger()
    inherit_cache = True


@compiles(bytes_of)
def _octet_length(element: "bytes_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"octet_length({compiler.process(element.clauses, **options)})"


@compiles(bytes_of, "sqlite")
def _length_of_blob(element: "bytes_of", compiler: SQLCompiler, **options: Any) -> str:
    # Its own octet_length came in 3.43.
    return f"length(CAST({compiler.process(element.clauses, **options)} AS BLOB))"


class unseen(FunctionElement[Any]):  # noqa: N801 - it is written like a function of SQL
    """A parameter whose value PostgreSQL's planner does not see, and so plans for every value alike, once for all.

    What it sees, as 20 rows of a page or the last of many revisions, seems so much cheaper than any others that it plans anew
    at each execution: that takes longer than to walk over them. For what an index has in its order, where only that plan is right.
    """

    inherit_cache = True

    def __init__(self, parameter: BindParameter[Any]) -> None:
        super().__init__(parameter)
        self.type = parameter.type


@compiles(unseen)
def _selected(element: "unseen", compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT {compiler.process(element.clauses, **options)})"


@compiles(unseen, "sqlite")
def _parameter(element: "unseen", compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


def instant_to_text(value: datetime) -> str:
    """RFC 3339 in UTC with `Z` and always six digits of microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _to_text(values: Any) -> str:
    return to_json(values).decode()


FIRST: Final[Mapping[type[Any], Any]] = {
    Id: str(UUID(int=0)),
    Instant: datetime.min.replace(tzinfo=UTC),
    Text: "",
    BigInteger: -1,
}
"""For a key of each type, something that comes before every value."""

COLUMN_TYPES: Final = frozenset({Id, Instant, OrderedText, Flag, Text, BigInteger, Integer, SmallInteger})
# No column has these: a comparison is a Boolean, and a Python string is a String to SQLAlchemy.
TYPES: Final = COLUMN_TYPES | {InstantText, Ids, Numbers, Texts, Boolean, String}
_TO_DRIVER: Final[dict[tuple[str, type[Any]], Convert]] = {
    ("sqlite", Instant): instant_to_text,
    ("sqlite", Ids): _to_text,
    ("sqlite", Numbers): _to_text,
    ("sqlite", Texts): _to_text,
}
_FROM_DRIVER: Final[dict[tuple[str, type[Any]], Convert]] = {
    ("sqlite", Instant): datetime.fromisoformat,
    ("sqlite", Flag): bool,
    ("sqlite", Boolean): bool,
    ("sqlite", Numbers): from_json,
    ("postgresql", Flag): bool,
    ("postgresql", InstantText): instant_to_text,
    ("postgresql", Id): str,
}


def to_driver(dialect: str, of: type_engine) -> Convert | None:
    """The conversion of a value on its way to the driver; None if it crosses as it is. Raises TypeError for any other type."""
    return _TO_DRIVER.get((dialect, _known(of)))


def from_driver(dialect: str, of: type_engine) -> Convert | None:
    """The same for the way back."""
    return _FROM_DRIVER.get((dialect, _known(of)))


def _known(of: type_engine) -> type[Any]:
    if type(of) not in TYPES:
        message = f"{of!r} is none of the types that are the same on both databases (database/types.py)."
        raise TypeError(message)
    return type(of)
