"""Replicas are upgraded one by one: an old process keeps working while the schema is migrated, and after."""

import asyncio
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import asyncpg
import httpx
import pytest

from database.conftest import migrated
from doable.database.migrate import MIGRATIONS, alembic_config, upgrade
from doable.database.schema import SCHEMA_VERSION
from doable.settings import Settings
from support.commands import assert_refused
from support.postgresql import PostgreSQL
from support.schema import version
from support.server import SECRET, Server
from support.server import doable as run
from support.users import User, assert_error

NEWER, NEWEST = (f"{int(SCHEMA_VERSION) + more:04}" for more in (1, 2))

# Older code writes rows without the columns, and reads none of them.
EXPANDS = f"""
import sqlalchemy as sa
from alembic import op

revision, down_revision, compatible_down_to = "{NEWER}", "{SCHEMA_VERSION}", "{SCHEMA_VERSION}"

def upgrade():
    op.add_column("tasks", sa.Column("colour", sa.Text(), server_default="blue", nullable=False))
    op.add_column("alembic_version", sa.Column("migrated_by", sa.Text(), server_default="a newer Doable"))
"""
CONTRACTS = f"""
from alembic import op

revision, down_revision = "{NEWEST}", "{NEWER}"

def upgrade():
    # Not by making the table anew: SQLAlchemy would forget SQLite's indexes on expressions.
    op.execute("ALTER TABLE tasks DROP COLUMN colour")
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """Those of a newer Doable."""
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / f"versions/{NEWER}_expand.py").write_text(EXPANDS)
    (copy / f"versions/{NEWEST}_contract.py").write_text(CONTRACTS)
    return copy


@pytest.fixture
def environ(tmp_path: Path, new_database_settings: Callable[[], dict[str, str]]) -> dict[str, str]:
    """The settings of a database that is migrated, as environment variables."""
    environ = {"DATA_DIR": str(tmp_path / "data"), **new_database_settings()}
    migrated(data_dir=Path(environ["DATA_DIR"]), database_url=environ.get("DATABASE_URL"))
    return environ


def settings_of(environ: dict[str, str]) -> Settings:
    return Settings(data_dir=Path(environ["DATA_DIR"]), database_url=environ.get("DATABASE_URL"))


def test_an_old_process_goes_on_and_can_start_while_the_schema_is_newer_and_compatible(
    environ: dict[str, str], migrations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "migrated_data", None)
    settings = settings_of(environ)
    with Server(tmp_path, **environ) as server, closing(User(server.url)) as alice:
        before = alice.new_task()
        upgrade(alembic_config(settings, migrations), NEWER)
        assert version(settings) == [NEWER]
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        after = alice.new_task()
        with Server(tmp_path / "another", **environ) as another:
            assert httpx.get(f"{another.url}/readyz").status_code == 200
            listed = httpx.get(f"{another.url}{alice.tasks}", headers=alice.headers).json()["tasks"]
            assert [task["id"] for task in listed] == [after["id"], before["id"]]
        told = run("migrate", cwd=tmp_path, **environ)
        assert (told.returncode, told.stderr) == (0, f"{settings.database_name} is at version {NEWER}.\n")
        found = run("doctor", cwd=tmp_path, **{**environ, "SECRET_KEY": SECRET})
        assert (
            f"The schema is at version {NEWER}, and this Doable, which is at {SCHEMA_VERSION}, works with it"
            in found.stdout
        )

        upgrade(alembic_config(settings, migrations), NEWEST)
        assert_error(httpx.get(f"{server.url}/readyz"), 503, "unavailable")
        refused = run("serve", "--port", "0", cwd=tmp_path, **{**environ, "SECRET_KEY": SECRET})
        assert_refused(refused, NEWEST, SCHEMA_VERSION, "Install the newer Doable again, or restore a backup")


def test_a_migration_that_waits_for_a_long_reader_holds_up_nobody(
    postgresql_18: PostgreSQL, migrations: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A backup reads all tables in one transaction. A migration that waits for a lock holds up all later requests, so it gives up."""
    settings = migrated(data_dir=tmp_path / "data", database_url=postgresql_18.new_database())
    assert settings.postgresql_url is not None
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            upgrade(alembic_config(settings, migrations), NEWER)
        except BaseException as error:  # noqa: BLE001 - the test's to see
            failures.append(error)

    async def until_waiting(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE tasks%'"
        while await connection.fetchval(query) is None:
            assert not failures
            await asyncio.sleep(0.01)

    async def hold_while(serve: Callable[[], None]) -> None:
        reader = await asyncpg.connect(settings.postgresql_url)
        watcher = await asyncpg.connect(settings.postgresql_url)
        transaction = reader.transaction()
        await transaction.start()
        await reader.fetch("SELECT * FROM tasks")
        thread.start()
        # Twice, so that it has given up once. Each time some requests come while it waits.
        for _ in range(2):
            async with asyncio.timeout(30):
                await until_waiting(watcher)
            await asyncio.to_thread(serve)
        assert thread.is_alive()
        await transaction.rollback()
        for connection in (reader, watcher):
            await connection.close()

    thread = threading.Thread(target=migrate, daemon=True)
    with (
        Server(tmp_path, DATABASE_URL=settings.postgresql_url) as server,
        closing(User(server.url)) as alice,
    ):

        def serve() -> None:
            end = time.monotonic() + 2.5  # longer than it waits, and than one request may
            while time.monotonic() < end:
                task = alice.new_task()
                assert alice.get(f"{alice.tasks}/{task['id']}").json() == task

        asyncio.run(hold_while(serve))
        thread.join(timeout=30)
        assert not thread.is_alive()
        assert failures == []
        assert version(settings) == [NEWER]
        assert "Trying again, for 10 minutes." in capfd.readouterr().err
        alice.new_task()
