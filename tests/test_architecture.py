"""What every table and statement must name, and what is in one place alone. Who may import whom is a part of `make check`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

import doable.app
from doable.database.naming import metadata
from doable.database.ownership import is_directory, owner_column
from doable.database.types import COLUMN_TYPES
from support.statements import OF_ALL_OWNERS, Found, found

SOURCE = Path(doable.__file__).parent


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_settings_reads_the_environment(path: Path) -> None:
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    # PostgreSQL's programs get the password by it: a command line can be seen by everybody on the machine.
    allowed = {"environ"} if "settings" in path.parts or path.name == "programs.py" else set()
    assert not names & {"environ", "getenv"} - allowed


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {path.stem for path in SOURCE.rglob("*.py")}
    assert not names & {"utils", "helpers", "service", "manager", "constants", "common", "misc", "crud"}


def test_an_address_that_leaves_the_server_is_made_in_one_place() -> None:
    """By `Settings.link`. Whoever else knows the public address only shows it to the operator, or asks whether it is HTTPS."""
    knows = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if "public_url" in path.read_text()}
    assert knows == {
        "settings/settings.py",
        "settings/types.py",
        "settings/derived.py",
        "app.py",
        "doctor.py",
        "http/headers.py",
    }
    tells = re.compile(r'(?:headers\["(?:Location|Link)"\] = |\(b"location", )(.*)')
    told = {found for path in SOURCE.rglob("*.py") for found in tells.findall(path.read_text())}
    assert told == {
        'scope["app"].state.link(self.location).encode("latin-1")))',
        "f'<{next_page}>; rel=\"next\"'",
    }
    for path in SOURCE.rglob("*.html"):
        assert not re.search(r'="/', path.read_text()), path


def test_a_password_is_checked_in_one_place_alone() -> None:
    """There every check counts (`throttling/throttle.py`)."""
    found = [
        path.name
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "verify" and "password" in ast.unparse(node.value)
    ]
    assert found == ["log_in.py", "log_in.py"]


DIRECTORY = {"api_token_digests", "attempts", "emails", "identities", "outbox", "revocations"}
"""Tables that are everybody's: they are found by an address, an issuer's subject, an instant."""

PLAIN_INDEXES = {
    "ix_alarms_fire_at",
    "ix_answers_created_at",
    "ix_deliveries_channel_due_at",
    "ix_mail_tokens_expires_at",
    "ix_notifications_created_at",
    "ix_imports_expires_at",
    "ix_imports_state",
    "ix_owners_removed_at",
    "ix_preferences_digest_due_at",
    "ix_sessions_expires_at",
    "ix_departures_removed_at",
    "ix_tombstones_removed_at",
    "ix_undos_created_at",
    "ix_users_created_at",
}
"""Indexes of owner-keyed tables that do not begin with the owner: for what is due."""

ID_FIRST = "uq_tasks_id_owner_id"
"""It tells 403 from 404, for which the owner is not known, and is unique with the owner in it."""


def keys_of(table: Table) -> Iterator[tuple[str, list[Column[Any]]]]:
    """Every key of the table: its name, and the columns in their order."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint):
            yield str(constraint.name), list(constraint.columns)
    for index in table.indexes:
        yield str(index.name), [metadata.tables[table.name].c[column.name] for column in index.columns]


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_key_begins_with_the_owner(table: Table) -> None:
    """Or the table is one of the directory, which refers to no other: those may be spread by owner."""
    assert is_directory(table) == (table.name in DIRECTORY)
    if is_directory(table):
        assert not table.foreign_keys
        return
    owner = owner_column(table)
    assert owner is not None
    assert not owner.nullable
    for name, columns in keys_of(table):
        assert name in PLAIN_INDEXES or (columns[1] if name == ID_FIRST else columns[0]) is owner, name
    for constraint in table.foreign_key_constraints:
        assert constraint.elements[0].column is owner_column(constraint.referred_table), constraint.name


def test_no_index_is_exempt_that_is_unique_or_not_there() -> None:
    plain = {index.name for table in metadata.sorted_tables for index in table.indexes if not index.unique}
    assert plain >= PLAIN_INDEXES


of_statements = pytest.mark.xdist_group("statements")


@pytest.fixture(scope="module")
def statements() -> dict[str, Found]:
    return {each.name: each for each in found()}


@of_statements
def test_every_statement_names_the_owner(statements: dict[str, Found]) -> None:
    without = {name for name, each in statements.items() if each.ownerless}
    assert without == set(OF_ALL_OWNERS)


@of_statements
def test_the_removal_of_a_user_deletes_from_every_table_by_owner(statements: dict[str, Found]) -> None:
    deletes = [
        each
        for name, each in statements.items()
        if name.startswith("doable.accounts.users.removal.") and each.sqlite.startswith("DELETE")
    ]
    named = {table for each in deletes if not each.ownerless for table in each.tables}
    keyed = {table.name for table in metadata.sorted_tables if not is_directory(table)}
    # Their rows are the last to go, each by a statement of its own.
    assert keyed - {"users", "owners"} <= named


@of_statements
def test_every_statement_compiles_on_both_databases(statements: dict[str, Found]) -> None:
    assert len(statements) > 80
    for name, statement in statements.items():
        verb = statement.sqlite.split()[0]
        assert verb in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}, name
        assert statement.postgresql.split()[0] == verb, name


@of_statements
def test_it_is_known_of_which_tables_a_statement_is(statements: dict[str, Found]) -> None:
    """By that, PostgreSQL is sent several at once."""
    for name, statement in statements.items():
        named = set(re.findall(r"(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", statement.postgresql))
        assert named & set(metadata.tables) <= set(statement.tables), name


@of_statements
def test_rows_are_what_their_statements_declare(statements: dict[str, Found]) -> None:
    typed = {name: each for name, each in statements.items() if each.declared is not None}
    assert typed
    assert {name: each.declared for name, each in typed.items()} == {name: each.columns for name, each in typed.items()}


def test_columns_have_types_that_both_databases_agree_on() -> None:
    types = {type(column.type) for table in metadata.tables.values() for column in table.columns}
    assert types <= COLUMN_TYPES


def test_every_table_is_named_in_a_migration() -> None:
    versions = "".join(path.read_text() for path in (SOURCE / "database/migrations/versions").glob("*.py"))
    for table in metadata.tables:
        assert f'"{table}"' in versions
