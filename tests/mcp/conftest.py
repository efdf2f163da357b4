"""An assistant that acts for a user."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from support.assistant import Assistant
from support.users import User


@pytest.fixture
def assistant(alice: User) -> Iterator[Assistant]:
    """Alice's, on each database."""
    with closing(Assistant(alice)) as found:
        yield found


@pytest.fixture
def anns(one_user: User) -> Iterator[Assistant]:
    """That of a user of the server for what is the same on every database."""
    with closing(Assistant(one_user)) as found:
        yield found
