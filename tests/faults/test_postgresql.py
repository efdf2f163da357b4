"""PostgreSQL stands still, or the network to it swallows everything: no answer takes more than 6 seconds, and it heals."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from faults.conftest import measured
from support.postgresql import PostgreSQL, wheel_binaries
from support.proxy import Proxy
from support.server import Server
from support.users import PASSWORD, User

LONGEST_ANSWER_SECONDS: Final = 6
TOGETHER: Final = 4
"""So many of each kind, which is more than there are connections."""


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    with PostgreSQL(wheel_binaries()) as running:
        yield running


def requests_of(user: User, task_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """One of every kind that needs the database."""
    credentials = {"email": user.email, "password": PASSWORD}
    for _ in range(TOGETHER):
        new = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
        key = {"Idempotency-Key": uuid.uuid4().hex}
        yield "GET", "/readyz", {}
        yield "GET", "/api/auth/me", {}
        yield "GET", user.tasks, {}
        yield "GET", f"{user.tasks}/{task_id}", {}
        yield "GET", "/api/me/changes", {}
        yield "POST", user.tasks, {"json": {"title": "a"}}
        yield "POST", user.tasks, {"json": {"title": "a"}, "headers": key}
        yield "POST", f"{user.tasks}/batch", {"json": {"operations": [{"op": "create", "task": {"title": "a"}}] * 100}}
        yield "PATCH", f"{user.tasks}/{task_id}/complete", {"json": {"is_completed": True}}
        yield "POST", "/api/auth/login", {"json": credentials}
        yield "POST", "/api/auth/signup", {"json": new}
        yield "POST", "/api/auth/refresh", {"json": {"refresh_token": user.refresh_token}}


def seconds_of(user: User, method: str, path: str, options: dict[str, Any]) -> tuple[float, int]:
    """How long an answer takes, and its status."""
    headers = {**user.headers, **options.pop("headers", {})}
    began = time.monotonic()
    answer = httpx.request(method, user.base_url.join(path), headers=headers, timeout=60, verify=user.tls, **options)
    return time.monotonic() - began, answer.status_code


@pytest.mark.parametrize("what", ["the server is frozen", "the network swallows everything"])
def test_no_answer_takes_long_and_it_heals(what: str, postgresql: PostgreSQL, tmp_path: Path) -> None:
    with ExitStack() as stack:
        proxy = stack.enter_context(Proxy(postgresql))
        url = postgresql.new_database().replace(str(postgresql.port), str(proxy.port))
        server = stack.enter_context(Server(tmp_path, DATABASE_URL=url))
        alice = stack.enter_context(closing(User(server.url)))
        task_id = alice.new_task()["id"]
        lost: Callable[[], AbstractContextManager[None]] = proxy.swallowing if "network" in what else postgresql.frozen
        longest = 0.0
        with lost(), ThreadPoolExecutor(12 * TOGETHER) as threads:
            # The second time every connection of the pool is gone already.
            for _ in range(2):
                sent = [threads.submit(seconds_of, alice, *each) for each in requests_of(alice, task_id)]
                answers = [each.result() for each in sent]
                assert {status for _, status in answers} == {503}
                longest = max(longest, *(seconds for seconds, _ in answers))
        ended_at = time.monotonic()
        while alice.post(alice.tasks, json={"title": "a"}).status_code != 201:
            time.sleep(0.05)
        measured(
            what, f"the longest answer {longest:.1f} s, served again {time.monotonic() - ended_at:.1f} s after its end"
        )
        assert longest < LONGEST_ANSWER_SECONDS
        assert server.process.poll() is None
