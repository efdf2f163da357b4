"""A server that is started before its database listens, and serves once the database is there."""

import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from support.forwarding import forwarding
from support.logs import lines
from support.mail import until
from support.ports import free_port
from support.postgresql import PostgreSQL
from support.server import Server
from support.users import User, assert_error
from support.workers import workers


@pytest.fixture(autouse=True)
def it_lives_before_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "awaits", "/livez")


def wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + 60
    while httpx.get(f"{server.url}/readyz", timeout=10).status_code != 200:
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)


def waits(server: Server) -> list[str]:
    """What it says in the log of what it waits for."""
    return [line["event"] for line in lines(server) if line["event"].startswith("Nothing but /livez")]


@pytest.mark.parametrize("count", [1, 2])
def test_postgresql_comes_later(postgresql_18: PostgreSQL, tmp_path: Path, count: int) -> None:
    port = free_port()
    url = postgresql_18.new_database().replace(f":{postgresql_18.port}/", f":{port}/")
    with Server(tmp_path, "--workers", str(count), DATABASE_URL=url) as server:
        assert httpx.get(f"{server.url}/livez").status_code == 200
        for path in ("/readyz", "/api/auth/me", "/docs", "/no/such/address"):
            answer = httpx.get(f"{server.url}{path}")
            assert_error(answer, 503, "unavailable")
            assert answer.headers["Retry-After"] == "1"
        # Of several workers one says so for all, and that need not be the one that has answered.
        until(lambda: waits(server), "that it waits")
        with forwarding(port, postgresql_18.port):
            wait_until_ready(server)
            workers(server)  # each of them is ready for itself
            with closing(User(server.url)) as user:
                user.new_task()
        assert "PostgreSQL cannot be reached: " in waits(server)[0]
        # It was migrated once.
        assert server.log.count(" is at version ") == 1
        assert server.stop() == 0


def test_a_database_that_is_unknown_once_postgresql_is_there(postgresql_18: PostgreSQL, tmp_path: Path) -> None:
    port = free_port()
    database = urlsplit(postgresql_18.url("nowhere"))
    url = database._replace(netloc=f"postgres:hunter2@127.0.0.1:{port}").geturl()
    with Server(tmp_path, DATABASE_URL=url) as server:
        with forwarding(port, postgresql_18.port):
            assert server.process.wait(timeout=60) == 1
        assert 'doable: PostgreSQL cannot be reached: database "nowhere" does not exist.' in server.log
        assert "hunter2" not in server.log
        assert "Traceback" not in server.log
