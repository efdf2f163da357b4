"""Text that is ordered is ordered by its bytes, whatever language the database is in.

One of the servers of the tests has databases in the order of English (PostgreSQL 15, `support/postgresql.py`).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Text, text
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.selectable import Select

import doable.app  # noqa: F401 - so that every table and every statement is known
from doable.accounts.tables import emails, identities, mail_tokens
from doable.database import Statement
from doable.database.naming import metadata
from doable.database.types import OrderedText
from doable.owned.tables import answers
from support import schema
from support.users import User

ONLY_TO_GO_ON = {
    *(emails.c.email, identities.c.issuer, identities.c.subject, mail_tokens.c.digest),
    answers.c.idempotency_key,
}
"""Keys by which a page begins after the one before: any order will do, if it is the same for both."""

RANGES = {operators.lt, operators.le, operators.gt, operators.ge, operators.between_op}


def ordered(construct: Any) -> Iterator["Column[Any]"]:
    """The columns by which a statement orders, and those that it compares by more than whether they are the same."""
    for each in visitors.iterate(construct):
        if isinstance(each, Select):
            for clause in each._order_by_clauses:  # noqa: SLF001 - there is no other way to ask
                yield from (column for column in visitors.iterate(clause) if isinstance(column, Column))
        elif isinstance(each, BinaryExpression) and each.operator in RANGES:
            yield from (column for column in visitors.iterate(each) if isinstance(column, Column))


def test_no_statement_orders_by_text_that_has_the_order_of_a_language() -> None:
    found = {column for statement in Statement.all for column in ordered(statement.construct)}
    assert {column for column in found if type(column.type) is Text} <= ONLY_TO_GO_ON
    assert {column.name for column in found} >= {"position", "revision", "sequence"}


def test_every_column_of_ordered_text_is_in_the_order_of_its_bytes(
    data: Path, migrated_database_settings: Callable[[], dict[str, str]]
) -> None:
    settings = schema.settings_of({"DATA_DIR": str(data), **migrated_database_settings()})
    if settings.postgresql_url is None:
        pytest.skip("SQLite has no other order")
    every = {(table.name, column.name): column for table in metadata.tables.values() for column in table.columns}

    def read(connection: Connection) -> dict[tuple[str, str], str | None]:
        names = "SELECT table_name, column_name, collation_name FROM information_schema.columns"
        return {(table, column): collation for table, column, collation in connection.execute(text(names))}

    collations = schema.on_connection(settings, read)
    for name, column in every.items():
        assert collations[name] == ("C" if isinstance(column.type, OrderedText) else None), name


def test_the_oldest_server_is_in_the_order_of_english(backend: str, data: Path, new_database_settings: Any) -> None:
    """Otherwise the tests here would say nothing."""
    if backend != "postgresql-15":
        pytest.skip("only that one is")
    settings = schema.settings_of({"DATA_DIR": str(data), **new_database_settings()})
    assert schema.on_connection(settings, lambda connection: connection.scalar(text("SELECT 'a' < 'B'"))) is True


def test_lists_stand_where_they_were_put(alice: User) -> None:
    """With capitals and small letters in their positions."""
    first, last, v, el, d = (
        alice.post("/api/me/lists", json={"name": name}).json()["id"] for name in ("first", "last", "V", "l", "d")
    )
    for moved, to in ((v, {"before": last}), (el, {"before": last}), (d, {"after": v})):
        assert alice.post(f"/api/me/lists/{moved}/move", json=to).status_code == 200
    found = alice.get("/api/me/lists").json()["lists"]
    assert [each["id"] for each in found] == [first, v, d, el, last]
    assert [each["position"][-1] for each in found[1:4]] == ["V", "d", "l"]
