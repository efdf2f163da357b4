"""What every test can ask for. A test that asks for `server`, `alice` or `bob` runs once on each database."""

import gc
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG, Timeout
from pydantic import SecretStr

from doable.settings import Settings
from support.connections import mend
from support.issuers import SHARING, IssuersUser
from support.outsider import Outsider
from support.partitions import make_partitioned_schema
from support.postgresql import OLDEST, PostgreSQL, wheel_binaries
from support.proxy import Proxy
from support.quick_http import install
from support.schema import on_connection
from support.server import QuickServer, Server, doable
from support.users import User

# A busy machine takes its time, and that proves no law wrong. Where a run decides whether a change may go in, it tries what the
# run before it tried, as Hypothesis does there by itself; everywhere else, something new each time.
hypothesis.settings.register_profile(
    "doable",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("doable")

# Whoever says nothing of a time would wait for 5 seconds, which are soon over on a busy machine.
vars(DEFAULT_TIMEOUT_CONFIG).update(vars(Timeout(30)))

mend()
install()

BACKENDS = ["sqlite", "postgresql-18", *(["postgresql-15"] if OLDEST.exists() else []), "postgresql-18-partitions"]

ONLY_ON = {
    # The oldest: migrations, transactions, and every route of an owner's. The rest would take a third of the whole time
    # to say the same of the same statements.
    "postgresql-15": {"database", "test_isolation.py"},
    # Every table of an owner's in four hash partitions: the contract, the feed, idempotency, isolation and export.
    "postgresql-18-partitions": {
        "test_partitions.py",
        "test_create.py",
        "test_list.py",
        "test_update.py",
        "test_delete.py",
        "test_lists.py",
        "test_login.py",
        "test_me.py",
        "test_kinds.py",
        "test_kept_answers.py",
        "test_changes.py",
        "test_tombstones.py",
        "test_idempotency.py",
        "test_isolation.py",
        "test_export.py",
    },
}
"""Files and folders whose tests alone run on these backends; on all others everything runs."""

NewServer = Callable[..., AbstractContextManager[Server]]


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: to look through all of it again takes 0.15 seconds each time."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    named = any("backend" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "backend" in metafunc.fixturenames and not named:
        parts = metafunc.definition.path.parts
        backends = [each for each in BACKENDS if each not in ONLY_ON or not ONLY_ON[each].isdisjoint(parts)]
        metafunc.parametrize("backend", backends, indirect=True, scope="session")


@pytest.fixture(scope="session")
def postgresql_18() -> Iterator[PostgreSQL]:
    with PostgreSQL(wheel_binaries()) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_15() -> Iterator[PostgreSQL]:
    with PostgreSQL(OLDEST) as running:
        yield running


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """The name of the database that this run of the test is on."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def postgresql(backend: str, request: pytest.FixtureRequest) -> PostgreSQL | None:
    """The server of this backend; None is SQLite."""
    if backend == "sqlite":
        return None
    running: PostgreSQL = request.getfixturevalue(backend.removesuffix("-partitions").replace("-", "_"))
    return running


@pytest.fixture(scope="session")
def new_database_settings(postgresql: PostgreSQL | None) -> Callable[..., dict[str, str]]:
    """Makes the settings of a new database on this backend, empty or as the template is; SQLite's is in the DATA_DIR."""
    return lambda *template: {} if postgresql is None else {"DATABASE_URL": postgresql.new_database(*template)}


@pytest.fixture(scope="session")
def migrated_database_settings(
    backend: str, new_database_settings: Callable[..., dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], dict[str, str]]:
    """As `new_database_settings`, but on PostgreSQL a copy of a migrated one, which takes a tenth of the time."""
    settings = new_database_settings()
    if not settings:
        return new_database_settings
    if backend == "postgresql-18-partitions":
        database = Settings(_env_file=None, database_url=SecretStr(settings["DATABASE_URL"]))
        on_connection(database, make_partitioned_schema)
    else:
        assert doable("migrate", cwd=tmp_path_factory.mktemp("template"), **settings).returncode == 0
    return partial(new_database_settings, urlsplit(settings["DATABASE_URL"]).path.removeprefix("/"))


@pytest.fixture(scope="session", autouse=True)
def servers_copy_what_is_migrated(migrated_data: Path) -> None:
    """Tests of how a database is made turn this off."""
    Server.migrated_data = migrated_data


@pytest.fixture(scope="session")
def server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for all tests that need no setting of their own. It trusts one issuer besides itself.

    Tests of accounts have another, on which a password is hashed as everywhere.
    """
    settings = {"TRUSTED_ISSUERS": json.dumps([SHARING]), **migrated_database_settings()}
    with QuickServer(tmp_path_factory.mktemp("server"), **settings) as running:
        yield running


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for what is the same on every database. Pages of every origin may call it."""
    with QuickServer(tmp_path_factory.mktemp("server"), CORS_ORIGINS="*") as running:
        yield running


@pytest.fixture
def proxy(one_server: Server) -> Iterator[Proxy]:
    """The network between a client and that server."""
    with Proxy(one_server) as running:
        yield running


@pytest.fixture
def new_server(tmp_path: Path, migrated_database_settings: Callable[[], dict[str, str]]) -> NewServer:
    """Makes a server on a new database for one test: `with new_server(CORS_ORIGINS="…") as server:`."""

    def new(*arguments: str, **settings: str) -> Server:
        return Server(tmp_path, *arguments, **{**migrated_database_settings(), **settings})

    return new


@pytest.fixture(scope="session")
def migrated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database, made once to save time."""
    folder = tmp_path_factory.mktemp("template") / "data"
    assert doable("migrate", cwd=folder.parent, DATA_DIR=str(folder)).returncode == 0
    return folder


@pytest.fixture
def data(migrated_data: Path, tmp_path: Path) -> Path:
    """A DATA_DIR with a migrated database."""
    return shutil.copytree(migrated_data, tmp_path / "data")


@pytest.fixture
def alice(server: Server) -> Iterator[User]:
    """A new user."""
    with closing(User(server.url)) as user:
        yield user


@pytest.fixture
def one_user(one_server: Server) -> Iterator[User]:
    """A new user of the server that is the same on every database."""
    with closing(User(one_server.url)) as user:
        yield user


@pytest.fixture
def bob(server: Server) -> Iterator[User]:
    """Another new user."""
    with closing(User(server.url)) as user:
        yield user


@pytest.fixture
def ann(server: Server) -> Iterator[IssuersUser]:
    """A new user of another issuer."""
    with closing(IssuersUser(server.url)) as user:
        yield user


@pytest.fixture
def outsider(server: Server) -> Outsider:
    """Connections of somebody else's to the server's database, which is on PostgreSQL."""
    return Outsider(server.settings["DATABASE_URL"])
