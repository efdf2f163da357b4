"""What the tests of the database can ask for: the settings of databases that are migrated."""

import gc
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from doable.database.migrate import migrate
from doable.settings import Settings
from support.postgresql import PostgreSQL


def loaded(**settings: Any) -> Settings:
    """These settings; nothing of the developer's own is read."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        return Settings.load(_env_file="", **settings)


def migrated(**settings: Any) -> Settings:
    """The settings of a database that has its tables now. A copy of one that has them takes a tenth of the time."""
    migrate(made := loaded(**settings))
    return made


@pytest.fixture(scope="session")
def settings(new_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database on each backend, for the tests that need none of their own."""
    url = new_database_settings().get("DATABASE_URL")
    return migrated(data_dir=tmp_path_factory.mktemp("database"), database_url=url)


@pytest.fixture
def sqlite_settings(data: Path) -> Settings:
    """A SQLite database of the test's own."""
    return loaded(data_dir=data)


@pytest.fixture(scope="session")
def template_18(postgresql_18: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated database on PostgreSQL, made once to save time."""
    url = postgresql_18.new_database()
    migrated(data_dir=tmp_path_factory.mktemp("template"), database_url=url)
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture
def postgresql_settings(postgresql_18: PostgreSQL, template_18: str, tmp_path: Path) -> Settings:
    """A PostgreSQL database of the test's own."""
    return loaded(data_dir=tmp_path, database_url=postgresql_18.new_database(template_18))


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A test fails where asyncio has found an error that nobody awaited."""
    yield
    gc.collect()
    records = [*caplog.get_records("call"), *caplog.records]
    left = [record.getMessage() for record in records if record.name == "asyncio" and record.levelno >= logging.WARNING]
    # asyncpg leaves this one when a connection is given up while it is being made.
    assert [message for message in left if "unexpected connection_lost() call" not in message] == []
