"""What the tests of accounts can ask for."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pytest

from support.clocks import ClockServer
from support.issuers import SHARING
from support.server import QuickServer, Server
from support.users import User


@pytest.fixture(scope="session")
def server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """As the one of all other tests, whose users these tests need not see."""
    settings = {"TRUSTED_ISSUERS": json.dumps([SHARING]), **migrated_database_settings()}
    with QuickServer(tmp_path_factory.mktemp("server"), **settings) as running:
        yield running


@pytest.fixture(scope="session")
def guest(server: Server) -> Iterator[httpx.Client]:
    """Somebody who is not logged in."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def email() -> str:
    """An address that nobody has signed up with."""
    return f"{uuid.uuid4().hex}@example.com"


@pytest.fixture(scope="module")
def clock_server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClockServer]:
    """A server whose clock any test may move on."""
    with ClockServer(tmp_path_factory.mktemp("clock"), **migrated_database_settings()) as running:
        yield running


@pytest.fixture
def carol(clock_server: ClockServer) -> Iterator[User]:
    """A new user of that server."""
    with closing(User(clock_server.url)) as user:
        yield user
