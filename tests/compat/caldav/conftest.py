"""Doable, and Radicale beside it, for the testers of others. What these have found is in `compat/caldav.md`."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.api_tokens import create
from support.server import QuickServer
from support.testers import Account, radicale
from support.users import User

HOST = "127.0.0.2"
"""The tester does not ask for `.well-known` at a server that it knows to be on its own machine."""


@pytest.fixture(scope="session")
def doable(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[QuickServer]:
    folder, everywhere = tmp_path_factory.mktemp("doable"), ("--host", "0.0.0.0")  # noqa: S104 - for that address
    with QuickServer(folder, *everywhere, **migrated_database_settings()) as running:
        yield running


@pytest.fixture
def person(doable: QuickServer) -> Iterator[User]:
    with closing(User(doable.url)) as user:
        yield user


@pytest.fixture
def accounts(doable: QuickServer, person: User, tmp_path: Path) -> Iterator[dict[str, Account]]:
    """An account that is new, on each of the two servers."""
    with radicale(tmp_path / "radicale", HOST, person.email) as beside:
        token = create(person, "tasks:read", "tasks:write")["token"]
        yield {"Doable": Account(f"http://{HOST}:{doable.port}/dav/", person.email, token), "Radicale": beside}
