"""`doable migrate`; what it does to the schema is in database/test_migrations.py."""

import os
from pathlib import Path

import pytest

from doable.database.schema import SCHEMA_VERSION
from support.commands import assert_refused
from support.ports import free_port
from support.postgresql import PostgreSQL
from support.server import doable, spawned


def test_says_what_is_at_which_version(tmp_path: Path) -> None:
    result = doable("migrate", cwd=tmp_path, DATA_DIR="here/there")
    database = tmp_path / "here/there/doable.db"
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == f"{database} is at version {SCHEMA_VERSION}.\n"
    assert database.exists()


def test_needs_no_secret_and_makes_none(tmp_path: Path) -> None:
    assert doable("migrate", cwd=tmp_path, DATA_DIR=str(tmp_path)).returncode == 0
    assert not (tmp_path / "secret_key").exists()


def test_does_not_show_the_password_of_the_database(tmp_path: Path, postgresql_18: PostgreSQL) -> None:
    url = postgresql_18.new_database().replace("postgres@", "postgres:hunter2@")
    result = doable("migrate", cwd=tmp_path, DATABASE_URL=url)
    assert result.returncode == 0, result.stderr
    assert "hunter2" not in result.stderr
    assert url.rpartition("@")[2] in result.stderr


@pytest.mark.parametrize("scheme", ["postgresql+asyncpg", "postgresql+psycopg", "postgres", " postgresql"])
def test_takes_the_urls_that_others_use(tmp_path: Path, postgresql_18: PostgreSQL, scheme: str) -> None:
    url = postgresql_18.new_database()
    result = doable("migrate", cwd=tmp_path, DATABASE_URL=url.replace("postgresql", scheme, 1))
    assert result.returncode == 0, result.stderr
    assert postgresql_18.sql("SELECT version_num FROM alembic_version", url.rpartition("/")[2]) == SCHEMA_VERSION


def test_postgresql_that_cannot_be_reached(tmp_path: Path) -> None:
    url = f"postgresql://doable:hunter2@127.0.0.1:{free_port()}/doable"
    result = doable("migrate", cwd=tmp_path, DATABASE_URL=url)
    assert_refused(result, "PostgreSQL cannot be reached", "DATABASE_URL")
    assert "hunter2" not in result.stderr


def test_a_role_that_may_not_make_tables(tmp_path: Path, postgresql_18: PostgreSQL) -> None:
    url = postgresql_18.new_database()
    role = f"reader_{os.getpid()}"
    postgresql_18.sql(f"CREATE ROLE {role} LOGIN")
    result = doable("migrate", cwd=tmp_path, DATABASE_URL=url.replace("postgres@", f"{role}@"))
    assert_refused(result, "The migration failed, and the database is as it was before", "permission denied for schema")


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "doable.db").write_text("This is a diary and not a database. " * 100)
    result = doable("migrate", cwd=tmp_path, DATA_DIR=str(tmp_path))
    assert_refused(result, f"{tmp_path}/doable.db cannot be opened", "not a database")
    assert (tmp_path / "doable.db").read_text().startswith("This is a diary")


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    result = doable("migrate", cwd=tmp_path, DATA_DIR=str(tmp_path / "data"))
    assert_refused(result, f"The folder {tmp_path}/data cannot be used: it is not a folder", "DATA_DIR")


def test_packages_in_the_working_folder_are_not_taken_for_the_products(tmp_path: Path) -> None:
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic/__init__.py").write_text("raise SystemExit('the wrong alembic')")
    assert spawned("migrate", cwd=tmp_path, DATA_DIR=str(tmp_path)).returncode == 0
