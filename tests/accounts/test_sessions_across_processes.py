"""A session that one process ends is over in every other, and after a restart."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from conftest import NewServer
from support.clocks import ClockServer
from support.events import follow
from support.server import Server
from support.sessions import Tokens, assert_in, assert_out, bearer, log_in, refresh, refreshed, session_id_of
from support.users import TLS, User, assert_error
from support.workers import standing_still, workers

SECONDS = 5
"""How long a test waits for what should take one second; the machine may be busy."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class Worker:
    """One of a server's two workers, on a connection that only it answers."""

    def __init__(self, stack: ExitStack, server: Server, others: list[int]) -> None:
        with standing_still(server, *others):
            self.client = stack.enter_context(httpx.Client(base_url=server.url, timeout=30, verify=TLS))
            assert self.client.get("/livez").status_code == 200

    def wait_until_out(self, *some: Tokens) -> None:
        """Wait until it refuses each of these access tokens, as it should within a second."""
        deadline = time.monotonic() + SECONDS
        for tokens in some:
            while self.client.get("/api/auth/me", headers=bearer(tokens)).status_code != 401:
                assert time.monotonic() < deadline


def both(stack: ExitStack, server: Server) -> tuple[Worker, Worker]:
    first, second = workers(server)
    return Worker(stack, server, [second]), Worker(stack, server, [first])


def test_what_one_worker_ends_is_over_in_the_other(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server("--workers", "2"))
    alice = stack.enter_context(closing(User(server.url)))
    here, there = both(stack, server)
    kept, logged_out, ended, other = (log_in(alice) for _ in range(4))
    # Each worker has seen each token, so that neither has yet to verify it.
    for worker in (here, there):
        assert_in(worker.client, kept, logged_out, ended, other)
    with standing_still(server, workers(server)[0]):
        stream = stack.enter_context(follow(alice, headers=bearer(logged_out)))
        lasting = stack.enter_context(follow(alice, headers=bearer(kept)))

    assert here.client.post("/api/auth/logout", headers=bearer(logged_out)).status_code == 204
    assert_out(here.client, logged_out)
    there.wait_until_out(logged_out)
    assert_out(there.client, logged_out)
    assert stream.rest() == []

    assert here.client.delete(f"/api/auth/sessions/{session_id_of(ended)}", headers=bearer(kept)).status_code == 204
    assert_out(here.client, ended)
    there.wait_until_out(ended)
    assert_in(here.client, kept, other)
    assert_in(there.client, kept, other)

    assert there.client.delete("/api/auth/sessions", headers=bearer(kept)).status_code == 204
    mine = {"access_token": alice.token, "refresh_token": alice.refresh_token}
    assert_out(there.client, other, mine)
    here.wait_until_out(other, mine)

    # A session works at either.
    newest = refreshed(here.client, refreshed(there.client, kept["refresh_token"])["refresh_token"])
    assert_in(there.client, newest, kept)
    task = there.client.post("/api/me/tasks", json={"title": "a"}, headers=bearer(newest)).json()
    assert lasting.next().change["task"] == task

    # And after a restart, at once: what is revoked is read before a worker listens.
    assert server.stop() == 0
    server.start()
    for worker in both(stack, server):
        assert_out(worker.client, logged_out, ended, other, mine)
        assert_in(worker.client, newest, kept)


def test_a_stolen_token_is_known_by_every_worker(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path: Path, stack: ExitStack
) -> None:
    server = stack.enter_context(ClockServer(tmp_path, "--workers", "2", **migrated_database_settings()))
    alice = stack.enter_context(closing(User(server.url)))
    here, there = both(stack, server)
    first, other = log_in(alice), log_in(alice)
    second = refreshed(here.client, first["refresh_token"])
    # Whichever is asked gives the same one.
    assert refreshed(there.client, first["refresh_token"])["refresh_token"] == second["refresh_token"]
    third = refreshed(there.client, second["refresh_token"])
    assert refreshed(here.client, first["refresh_token"])["refresh_token"] == second["refresh_token"]
    for worker in (here, there):
        assert_in(worker.client, first, second, third)

    server.move(11)
    assert_error(refresh(here.client, first["refresh_token"]), 401, "refresh_token_invalid")
    assert_out(here.client, first, second, third)
    there.wait_until_out(first, second, third)
    assert_out(there.client, first, second, third)
    assert_in(there.client, other, refreshed(there.client, other["refresh_token"]))
