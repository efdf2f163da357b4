"""What is in a database, looked at and written past Doable."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, inspect, pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from doable.database.sqlite.driver import sqlite3
from doable.settings import Settings
from support.server import Server

T = TypeVar("T")
Contents = dict[str, list[dict[str, Any]]]


def settings_of(database: Server | Mapping[str, str]) -> Settings:
    """The settings of a server's database, or of the one that an environment names."""
    environ = database.settings if isinstance(database, Server) else database
    return _settings(environ["DATA_DIR"], environ.get("DATABASE_URL"))


# Settings, and an engine that has asked its database what it can, are as dear as several requests, and tests want them again.
_kept = lru_cache(maxsize=16)


@_kept
def _settings(data_dir: str, url: str | None) -> Settings:
    return Settings(_env_file=None, data_dir=Path(data_dir), database_url=None if url is None else SecretStr(url))


@_kept
def _sqlite(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}", module=sqlite3, poolclass=pool.NullPool)


@_kept
def _postgresql(url: str) -> AsyncEngine:
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=pool.NullPool
    )


def on_connection(settings: Settings, function: Callable[[Connection], T]) -> T:
    """Run the function in a transaction on a connection that has nothing of Doable's in it."""
    if (url := settings.postgresql_url) is None:
        with _sqlite(settings.database_path).begin() as connection:
            return function(connection)

    async def on_postgresql() -> T:
        async with _postgresql(url).begin() as connection:
            return await connection.run_sync(function)

    return asyncio.run(on_postgresql())


def execute(settings: Settings, *statements: str) -> None:
    """Run each statement."""

    def each(connection: Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    on_connection(settings, each)


def contents(settings: Settings) -> Contents:
    """Every row of every table."""

    def read(connection: Connection) -> Contents:
        return {table: _rows(connection, table) for table in inspect(connection).get_table_names()}

    return on_connection(settings, read)


def rows_of(settings: Settings, table: str) -> list[dict[str, Any]]:
    """Every row of one table. All tables take six times as long on PostgreSQL, and more the more there is in them."""
    return on_connection(settings, lambda connection: _rows(connection, table))


def version(settings: Settings) -> list[str]:
    """What Alembic says the database is at."""
    return [row["version_num"] for row in rows_of(settings, "alembic_version")]


def schema(connection: Connection) -> dict[str, Any]:
    """All of a schema that can be looked up, but Alembic's own table."""
    inspector = inspect(connection)
    found: dict[str, Any] = {}
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        found[table] = (
            [{**column, "type": repr(column["type"])} for column in inspector.get_columns(table)],
            inspector.get_pk_constraint(table),
            sorted(inspector.get_foreign_keys(table), key=repr),
            sorted(inspector.get_unique_constraints(table), key=repr),
            sorted(inspector.get_check_constraints(table), key=repr),
            sorted(
                ({name: str(value) for name, value in _flat(index)} for index in inspector.get_indexes(table)), key=repr
            ),
        )
    return found


def _rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()]  # noqa: S608 - a name of the schema


def indexes_on_expressions(connection: Connection) -> list[tuple[str, str]]:
    """Those of SQLite's, which SQLAlchemy cannot read back, as they were made."""
    if connection.dialect.name != "sqlite":
        return []
    made = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%coalesce%' ORDER BY name"
    return [(name, sql) for name, sql in connection.exec_driver_sql(made)]


def _flat(index: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is said of an index. The text of its condition is an object that is like no other."""
    for name, value in index.items():
        yield from value.items() if name == "dialect_options" else [(name, value)]
