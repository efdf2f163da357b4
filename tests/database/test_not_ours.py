"""A database that is somebody else's, or cannot hold what Doable stores, is told from an empty one."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

import doable.app  # noqa: F401 - so that every table is known
from doable.database import schema_of
from doable.database.migrate import migrate
from doable.database.naming import metadata
from doable.database.schema import SCHEMA_VERSION, TABLES, Schema
from doable.errors import Misconfigured
from support.commands import assert_refused
from support.postgresql import PostgreSQL
from support.schema import execute, settings_of
from support.server import SECRET
from support.server import doable as run

Environ = dict[str, str]


@pytest.fixture
def environ(tmp_path: Path, new_database_settings: Callable[[], Environ]) -> Environ:
    """The settings of an empty database."""
    environ = {"DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": SECRET, **new_database_settings()}
    assert schema_in(environ) is None
    return environ


def schema_in(environ: Environ) -> Schema | None:
    return asyncio.run(schema_of(settings_of(environ)))


def test_every_name_of_a_table_is_known() -> None:
    assert set(metadata.tables) == TABLES


def test_tables_of_another_program(environ: Environ, tmp_path: Path) -> None:
    execute(settings_of(environ), "CREATE TABLE users (id integer)", "CREATE TABLE posts (id integer)")
    words = ("tables of another program", "(users)", "a database of its own")
    for command in (["serve", "--port", "0"], ["migrate"]):
        assert_refused(run(*command, cwd=tmp_path, **environ), *words)
    found = run("doctor", cwd=tmp_path, **environ)
    assert found.returncode == 1
    wrong = [line for line in found.stdout.splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 1
    assert [word for word in words if word not in wrong[0]] == []


def test_migrations_of_another_program(environ: Environ) -> None:
    settings = settings_of(environ)
    execute(
        settings,
        "CREATE TABLE alembic_version (version_num varchar(32))",
        "INSERT INTO alembic_version VALUES ('ae1027a6acf')",
    )
    with pytest.raises(Misconfigured, match="migrated by another program"):
        schema_in(environ)
    # It numbers them as Doable does.
    execute(settings, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(Misconfigured, match="migrated by another program"):
        schema_in(environ)


def test_tables_whose_names_doable_does_not_need_may_be_there(environ: Environ) -> None:
    settings = settings_of(environ)
    execute(settings, 'CREATE TABLE "user" (id integer)', 'CREATE TABLE "session" (id integer)')
    assert migrate(settings) == SCHEMA_VERSION


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_is_not_utf8(postgresql_18: PostgreSQL, tmp_path: Path, encoding: str) -> None:
    name = f"doable_{encoding.lower()}"
    postgresql_18.sql(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0")
    environ = {"DATABASE_URL": postgresql_18.url(name), "SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path)}
    with pytest.raises(Misconfigured, match=f"has the encoding {encoding}.* ENCODING 'UTF8'"):
        schema_in(environ)
