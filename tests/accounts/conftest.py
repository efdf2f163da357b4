"""What the tests of accounts can ask for."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from support.server import Server


@pytest.fixture(scope="session")
def guest(server: Server) -> Iterator[httpx.Client]:
    """Somebody who is not logged in."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def email() -> str:
    """An address that nobody has signed up with."""
    return f"{uuid.uuid4().hex}@example.com"
