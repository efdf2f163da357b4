"""The two column types that drivers disagree on, and how their values cross to each driver.

Statements run without SQLAlchemy's connection, so nothing of SQLAlchemy converts values; `Statement` asks here instead.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, String, Text, types
from sqlalchemy.dialects.postgresql import UUID as POSTGRESQL_UUID
from sqlalchemy.engine import Dialect

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


def instant_to_text(value: datetime) -> str:
    """RFC 3339 in UTC with `Z` and always six digits of microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


FIRST: Final[Mapping[type[Any], Any]] = {Id: str(UUID(int=0)), Text: "", BigInteger: -1}
"""For a key of each type what is before every value that there is."""

# What must be converted on the way to a driver and back; a type that is not named here crosses as it is.
TO_DRIVER: dict[tuple[str, type[Any]], Convert] = {("sqlite", Instant): instant_to_text}
FROM_DRIVER: dict[tuple[str, type[Any]], Convert] = {
    ("sqlite", Boolean): bool,
    ("sqlite", Instant): datetime.fromisoformat,
    ("postgresql", InstantText): instant_to_text,
    ("postgresql", Id): str,
}
