"""Text that is ordered is ordered by its bytes, whatever language the database is in.

One of the servers of the tests has databases in the order of English (PostgreSQL 15, `support/postgresql.py`).
"""

import unicodedata
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
from doable.database.types import OrderedText, bytes_of
from doable.kinds import KINDS
from doable.lists.kind import LIST
from doable.owned.kind import Kind
from doable.owned.tables import answers
from doable.sections.kind import SECTION
from doable.tasks.kind import TASK
from support import schema
from support.kinds import Thing, new
from support.users import User

ONLY_TO_GO_ON = {
    *(emails.c.email, identities.c.issuer, identities.c.subject, mail_tokens.c.digest),
    answers.c.idempotency_key,
}
"""Keys by which a page begins after the one before: any order will do, if it is the same for both."""

RANGES = {operators.lt, operators.le, operators.gt, operators.ge, operators.between_op}


def columns(clause: Any) -> Iterator["Column[Any]"]:
    """The columns that are compared in it: the length of a text is a number."""
    if isinstance(clause, Column):
        yield clause
    elif not isinstance(clause, bytes_of):
        for each in clause.get_children():
            yield from columns(each)


def ordered(construct: Any) -> Iterator["Column[Any]"]:
    """The columns by which a statement orders, and those that it compares by more than whether they are the same."""
    for each in visitors.iterate(construct):
        if isinstance(each, Select):
            for clause in each._order_by_clauses:  # noqa: SLF001 - there is no other way to ask
                yield from columns(clause)
        elif isinstance(each, BinaryExpression) and each.operator in RANGES:
            yield from columns(each)


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


ORDERED = [kind for kind in KINDS if "move" in kind.operations]
PLACED = ["first", "V", "d", "l", "last"]
"""In the order of bytes. The languages have `V` behind `d` and `l`."""
NAMES = ["10", "9", "Zebra", "_", "a b", "ab", "b", "Äpfel", "ß"]
"""Of tags. Languages pass over what is no letter, and have `Ä` beside `a`."""


@pytest.mark.parametrize("kind", ORDERED, ids=lambda kind: kind.name)
def test_things_stand_where_they_were_put(alice: User, kind: Kind) -> None:
    """With capitals and small letters in their positions: also a page that begins behind one of them."""
    filed = {"list_id": new(alice, LIST)["id"]} if kind in {TASK, SECTION} else {}
    ids = {name: new(alice, kind, **filed)["id"] for name in ("first", "last", "V", "l", "d")}
    path = f"/api/me/{kind.plural}"
    for name, to in (("V", {"before": "last"}), ("l", {"before": "last"}), ("d", {"after": "V"})):
        place = {beside: ids[other] for beside, other in to.items()}
        assert alice.post(f"{path}/{ids[name]}/move", json=place).status_code == 200
    if kind is TASK:
        found, cursor = list[Thing](), None
        asked = {"list": filed["list_id"], "sort": "position", "limit": 1}
        while cursor or not found:
            page = alice.get(path, params=asked | ({"cursor": cursor} if cursor else {})).json()
            found, cursor = found + page["tasks"], page["next_cursor"]
    else:
        found = alice.get(path).json()[kind.plural]
    assert [each["id"] for each in found if each["id"] in ids.values()] == [ids[name] for name in PLACED]
    assert [each["position"][-1] for each in found[-4:-1]] == PLACED[1:-1]
    # A move finds its neighbours in the same order.
    assert alice.post(f"{path}/{ids['first']}/move", json={"before": ids["l"]}).status_code == 200
    positions = {name: alice.get(f"{path}/{ids[name]}").json()["position"].encode() for name in PLACED}
    assert sorted(PLACED, key=lambda name: positions[name]) == ["V", "d", "first", "l", "last"]


def test_tags_are_in_the_order_of_their_names_and_found_by_each(alice: User) -> None:
    task = alice.new_task(tags=[*reversed(NAMES)])
    in_order = sorted(NAMES, key=lambda name: unicodedata.normalize("NFC", name.casefold()).encode())
    assert task["tags"] == in_order
    assert alice.get(f"{alice.tasks}/{task['id']}").json()["tags"] == in_order
    for name in NAMES:
        page = alice.get(alice.tasks, params={"tag": name.upper()}).json()
        assert [each["id"] for each in page["tasks"]] == [task["id"]], name
    assert alice.get("/api/me/counts").json()["tags"] == dict.fromkeys(NAMES, 1)
