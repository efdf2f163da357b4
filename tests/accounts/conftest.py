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

HASHES_TAKE_THEIR_TIME = {
    "test_change_password.py",
    "test_delete_me.py",
    "test_hashing_queue.py",
    "test_log_in_races.py",
    "test_login.py",
    "test_new_passwords.py",
    "test_number_of_sessions.py",
    "test_password_forms.py",
    "test_reset.py",
    "test_signup.py",
    "test_throttle_guesses.py",
    "test_throttle_login.py",
}
"""Here passwords are hashed as everywhere: while that lasts, something else may happen."""


@pytest.fixture(scope="session")
def careful_server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("careful"), **migrated_database_settings()) as running:
        yield running


@pytest.fixture(scope="session")
def quick_server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    settings = {"TRUSTED_ISSUERS": json.dumps([SHARING]), **migrated_database_settings()}
    with QuickServer(tmp_path_factory.mktemp("quick"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, backend: str) -> Server:  # noqa: ARG001 - it is asked for by the others
    """Not the one of all other tests, whose rows are many."""
    is_careful = request.path.name in HASHES_TAKE_THEIR_TIME
    running: Server = request.getfixturevalue("careful_server" if is_careful else "quick_server")
    return running


@pytest.fixture(scope="module")
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
