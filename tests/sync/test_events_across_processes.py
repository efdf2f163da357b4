"""GET /api/{user_id}/events: whichever process makes a change, every stream hears of it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from conftest import NewServer
from support.events import follow
from support.postgresql import PostgreSQL
from support.server import Server, doable
from support.users import TLS, User
from support.workers import standing_still, workers


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def create(user: User, title: str = "Buy oat milk", url: str | None = None) -> dict[str, Any]:
    """A new task, over a new connection: any worker may get it. `url`: at another server than the user's."""
    headers = {"Authorization": user.headers["Authorization"]}
    answer = httpx.post(
        f"{url or user.base_url}{user.tasks}", json={"title": title}, headers=headers, timeout=30, verify=TLS
    )
    assert answer.status_code == 201, answer.text
    task: dict[str, Any] = answer.json()
    return task


def test_a_reconnect_after_a_restart_misses_nothing(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server())
    alice = stack.enter_context(closing(User(server.url)))
    with follow(alice) as stream:
        tasks = [alice.new_task(str(number)) for number in range(3)]
        seen = stream.take(3)
        # What is written while nobody reads, and while nobody serves, is there afterwards.
        assert alice.delete(f"{alice.tasks}/{tasks[0]['id']}").status_code == 204
        seen.append(stream.next())
        assert server.stop() == 0
        assert stream.rest() == []
    server.start()
    changed = alice.patch(f"{alice.tasks}/{tasks[1]['id']}", json={"title": "changed"}).json()
    with follow(alice, last_event_id=seen[-1].id) as stream:
        assert stream.next().change["task"] == changed
        new = alice.new_task("new")
        seen += [event := stream.next()]
        assert event.change["task"] == new
    assert [event.id for event in seen] == ["1", "2", "3", "4", "6"]


def test_a_reconnect_after_a_crash_misses_nothing(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server())
    alice = stack.enter_context(closing(User(server.url)))
    with follow(alice) as stream:
        alice.new_task()
        last = stream.next()
        tasks = [alice.new_task(str(number)) for number in range(20)]
        server.kill()
        # The stream is cut off in the middle.
        with pytest.raises(httpx.TransportError):
            stream.rest()
    server.start()
    with follow(alice, last_event_id=last.id) as stream:
        assert [event.change["task"] for event in stream.take(20)] == tasks


def test_streams_at_all_workers_hear_of_writes_at_all_workers(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server("--workers", "2"))
    alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
    first, second = workers(server)
    streams = []
    for other in (first, second):
        with standing_still(server, other):
            streams += [stack.enter_context(follow(alice)) for _ in range(4)]
    for number in range(20):
        create(bob)
        task = create(alice, str(number))
    for stream in streams:
        events = stream.until(20)
        assert [event.id for event in events] == [str(number) for number in range(1, 21)]
        assert events[-1].change["task"] == task


def test_a_write_at_one_worker_is_heard_at_the_other(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server("--workers", "2"))
    alice = stack.enter_context(closing(User(server.url)))
    first, second = workers(server)
    for here, there in ((first, second), (second, first)):
        known = create(alice)["revision"]
        with standing_still(server, there):
            stream = stack.enter_context(follow(alice, since=known))
        for _ in range(3):
            with standing_still(server, here):
                task = create(alice)
            assert stream.next().change["task"] == task


def test_a_write_of_another_server_is_heard(new_server: NewServer, tmp_path: Path, stack: ExitStack) -> None:
    server = stack.enter_context(new_server())
    other = stack.enter_context(Server(tmp_path / "other", **server.settings))
    alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
    hers = stack.enter_context(follow(alice))
    there = stack.enter_context(follow(alice, url=other.url))
    his = stack.enter_context(follow(bob, url=other.url))
    # Far more than it takes, and too little for streams that are told nothing and only look every five seconds.
    deadline = time.monotonic() + 60
    for number in range(40):
        create(bob, url=server.url)
        task = create(alice, str(number), url=(server if number % 2 else other).url)
        assert hers.next().change["task"] == there.next().change["task"] == task
        assert time.monotonic() < deadline
    assert [event.change["revision"] for event in his.take(40)] == list(range(1, 41))


def test_a_user_who_is_removed_by_another_process_hears_no_more(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server("--workers", "2"))
    alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
    first, second = workers(server)
    hers, his = [], []
    for other in (first, second):
        with standing_still(server, other):
            hers.append(stack.enter_context(follow(alice)))
            his.append(stack.enter_context(follow(bob)))
    removed = doable("users", "remove", alice.email, "--yes", cwd=server.folder, **server.settings)
    assert removed.returncode == 0, removed.stderr
    # They end as streams should, and the others stay.
    for stream in hers:
        assert stream.rest() == []
    task = create(bob)
    for stream in his:
        assert stream.next().change["task"] == task


def listeners(postgresql: PostgreSQL, database: str) -> list[int]:
    """The processes of PostgreSQL behind the connections that listen."""
    query = f"""SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND application_name = 'doable'
    AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%' OR query = 'SELECT 1')"""  # noqa: S608 - a name of the tests' own
    return [int(pid) for pid in postgresql.sql(query).splitlines()]


def test_lost_notification_connections_are_made_again(
    postgresql_18: PostgreSQL, tmp_path: Path, stack: ExitStack
) -> None:
    url = postgresql_18.new_database()
    database = urlsplit(url).path.removeprefix("/")
    server = stack.enter_context(Server(tmp_path, "--workers", "2", DATABASE_URL=url))
    alice = stack.enter_context(closing(User(server.url)))
    first, second = workers(server)
    streams = []
    for other in (first, second):
        with standing_still(server, other):
            streams.append(stack.enter_context(follow(alice)))
    for number in range(3):
        deadline = time.monotonic() + 20
        while len(pids := listeners(postgresql_18, database)) != 2:
            assert time.monotonic() < deadline, server.log
            time.sleep(0.05)
        for pid in pids:
            postgresql_18.sql(f"SELECT pg_terminate_backend({pid})")
        # At once: nobody listens, and who tells it has lost the connection too.
        tasks = []
        for other in (first, second):
            with standing_still(server, other):
                tasks.append(create(alice, f"{number} beside {other}"))
        for stream in streams:
            assert [event.change["task"] for event in stream.take(2)] == tasks
    assert workers(server) == [first, second]
    assert alice.get("/readyz").status_code == 200
