"""An assistant that acts for a user."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from support.assistant import Assistant
from support.server import Server
from support.users import User


@pytest.fixture
def assistant(alice: User) -> Iterator[Assistant]:
    """Alice's, on each database."""
    with closing(Assistant(alice)) as found:
        yield found


@pytest.fixture
def ann(one_server: Server) -> Iterator[User]:
    """A user of the server for what is the same on every database."""
    with closing(User(one_server.url)) as user:
        yield user


@pytest.fixture
def anns(ann: User) -> Iterator[Assistant]:
    """Her assistant."""
    with closing(Assistant(ann)) as found:
        yield found
