"""What the tests of the HTTP edge can ask for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from doable.settings import Settings
from support import schema
from support.server import Server


@pytest.fixture(scope="session")
def guest(server: Server) -> Iterator[httpx.Client]:
    """Somebody who is not logged in."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def execute() -> Callable[[Server, str], None]:
    """Runs a statement on the database of a running server, past the server."""

    def run(server: Server, statement: str) -> None:
        url = server.settings.get("DATABASE_URL")
        settings = Settings(
            _env_file=None,
            data_dir=Path(server.settings["DATA_DIR"]),
            database_url=SecretStr(url) if url else None,
        )
        schema.execute(settings, statement)

    return run
