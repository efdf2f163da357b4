"""Calendar programs of users."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from support.dav import Phone
from support.users import User


@pytest.fixture
def phone(alice: User) -> Iterator[Phone]:
    """Alice's, on each database."""
    with closing(Phone(alice)) as found:
        yield found


@pytest.fixture
def anns(one_user: User) -> Iterator[Phone]:
    """That of a user of the server for what is the same on every database."""
    with closing(Phone(one_user)) as found:
        yield found
