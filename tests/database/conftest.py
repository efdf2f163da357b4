"""What the tests of the database can ask for: the settings of databases that are migrated."""

import gc
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from doable.database.migrate import migrate
from doable.settings import Settings
from support.postgresql import PostgreSQL


def migrated(**settings: Any) -> Settings:
    """The settings of a database that has its tables; nothing of the developer's own is read."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        loaded = Settings.load(_env_file="", **settings)
    migrate(loaded)
    return loaded


@pytest.fixture(scope="session")
def settings(new_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database on each backend, for the tests that need none of their own."""
    url = new_database_settings().get("DATABASE_URL")
    return migrated(data_dir=tmp_path_factory.mktemp("database"), database_url=url)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    """A SQLite database of the test's own."""
    return migrated(data_dir=tmp_path)


@pytest.fixture
def postgresql_settings(postgresql_18: PostgreSQL, tmp_path: Path) -> Settings:
    """A PostgreSQL database of the test's own."""
    return migrated(data_dir=tmp_path, database_url=postgresql_18.new_database())


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A test fails where asyncio has found an error that nobody awaited."""
    yield
    gc.collect()
    records = [*caplog.get_records("call"), *caplog.records]
    left = [record.getMessage() for record in records if record.name == "asyncio" and record.levelno >= logging.WARNING]
    # asyncpg leaves this one when a connection is given up while it is being made.
    assert [message for message in left if "unexpected connection_lost() call" not in message] == []
