"""Rows of one user in every table that there is."""

import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, SmallInteger, Table, Text, insert

import doable.app  # noqa: F401 - so that every table is in the metadata
from doable.database.naming import metadata
from doable.database.ownership import owner_column
from doable.database.types import Flag, Id, Instant, OrderedText, instant_to_text
from doable.tasks.preferred import preferences
from doable.tasks.tables import tasks
from support import schema
from support.server import Server
from support.users import User

Row = dict[str, Any]

CHOSEN: dict["Column[Any]", Any] = {
    tasks.c.tags: '["shop"]',
    tasks.c.reminders: '[{"id":"1b4e28ba-2fa1-4d2e-883f-0016d3cca427","offset":"P1D","relative_to":"due","at":null,"remind_at":null}]',
    preferences.c.reminder_channels: '["push"]',
    preferences.c.week_starts_on: "monday",
    preferences.c.language: "de",
    preferences.c.theme: "dark",
}
"""Where not any value would do."""


def owned() -> Iterator[Table]:
    """Every table of a user's rows, those of the directory too: what others refer to comes before them."""
    for table in metadata.sorted_tables:
        if owner_column(table) is not None:
            yield table


def fill(server: Server, user: User, count: int) -> None:
    """Give the user so many rows in every table that can hold more than one."""

    def write(connection: Connection) -> None:
        known: dict[str, list[Row]] = {}
        for table in owned():
            if table.name in {"owners", "users"}:
                continue
            rows = [
                {column.name: _value_of(column, number, user, known, connection) for column in table.columns}
                for number in range(count if [*table.primary_key] != [owner_column(table)] else 1)
            ]
            connection.execute(insert(table), rows)
            known[table.name] = rows

    schema.on_connection(schema.settings_of(server), write)


def rows_of(server: Server, user: User) -> dict[str, list[Row]]:
    """Every row that belongs to the user, as it is in the database."""
    contents = schema.contents(schema.settings_of(server))
    return {table.name: [row for row in contents[table.name] if _belongs(row, table, user)] for table in owned()}


def _belongs(row: Row, table: Table, user: User) -> bool:
    column = owner_column(table)
    return column is not None and str(row[column.name]) == user.id


def _value_of(
    column: "Column[Any]", number: int, user: User, known: dict[str, list[Row]], connection: Connection
) -> Any:
    """Something that nobody else has, unless it refers to a row that is there."""
    if column is owner_column(column.table):
        return user.id
    for key in column.foreign_keys:
        parents = known[key.column.table.name]
        return parents[number % len(parents)][key.column.name]
    if column in CHOSEN:
        return CHOSEN[column]
    if column.name in {"due_local", "start_local"}:
        return "2026-12-01T09:00:00"
    if column.name == "used_tokens":
        return f'[[1, "{uuid.uuid4()}", "2026-11-21T09:51:00Z"]]'
    instant = datetime.now(UTC) + timedelta(microseconds=secrets.randbelow(10**12))
    values: dict[type[Any], Any] = {
        Id: str(uuid.uuid4()),
        Instant: instant_to_text(instant) if connection.dialect.name == "sqlite" else instant,
        BigInteger: 2**32 + secrets.randbelow(2**52),
        Integer: 2**16 + secrets.randbelow(2**30),
        Text: f"{column} of {user.id}: {uuid.uuid4()}",
        OrderedText: f"{column} of {user.id}: {uuid.uuid4()}",
        SmallInteger: 1,
        Flag: True,
    }
    return values[type(column.type)]
