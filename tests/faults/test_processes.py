"""Processes that are killed, frozen, renewed and stopped under load."""

import http.client
import json
import os
import signal
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import pytest

from doable.database.sqlite.turn import WriteLock
from faults.conftest import measured
from support.events import follow
from support.postgresql import PostgreSQL
from support.server import Server
from support.users import User
from support.workers import children, workers

T = TypeVar("T")

CLIENTS = 8
END_SECONDS = 10
REPLACED_SECONDS = 2


@pytest.fixture(autouse=True)
def workers_are_started_as_users_start_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "spawns", True)


def seconds_until(look: Callable[[], object], within: float = 60) -> float:
    began = time.monotonic()
    while not look():
        assert time.monotonic() - began < within
        time.sleep(0.01)
    return time.monotonic() - began


class Load:
    """Clients that create tasks without a pause, each on a connection that it keeps, and each task with a key."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.created: set[str] = set()
        self.answers: Counter[str] = Counter()
        """By status, or the kind of the failure; after one the same request is sent again."""
        self._ended = threading.Event()

    def _create(self) -> None:
        with httpx.Client(base_url=self.user.base_url, headers=self.user.headers, timeout=30) as client:
            while not self._ended.is_set():
                key = {"Idempotency-Key": str(uuid.uuid4())}
                while (answer := self._sent(client, key)) is None:
                    pass
                self.created.add(answer)

    def _sent(self, client: httpx.Client, key: dict[str, str]) -> str | None:
        try:
            answer = client.post(self.user.tasks, json={"title": "under load"}, headers=key)
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.status_code != 201:
            time.sleep(0.1)
            return None
        task_id: str = answer.json()["id"]
        return task_id

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """While it lasts, they do. Afterwards every task that was acknowledged is there, and no other."""
        threads = [threading.Thread(target=self._create) for _ in range(CLIENTS)]
        for each in threads:
            each.start()
        try:
            yield
        finally:
            self._ended.set()
            for each in threads:
                each.join()
        assert self.user.get(f"{self.user.tasks}?limit=1").json()["total"] == len(self.created)


@pytest.fixture
def load(tmp_path: Path) -> Iterator[tuple[Server, Load]]:
    """A server with two workers, and clients of it."""
    with Server(tmp_path, "--workers", "2") as server, closing(User(server.url)) as user:
        workers(server)
        yield server, Load(user)


def test_workers_are_killed_again_and_again(load: tuple[Server, Load]) -> None:
    server, clients = load
    times, kills = [], 8
    with clients.going_on():
        for _ in range(kills):
            before = children(server)
            os.kill(before[0], signal.SIGKILL)

            def replaced(before: list[int] = before) -> bool:
                now = children(server)
                return len(now) == 2 and before[0] not in now

            times.append(seconds_until(replaced))
            workers(server)
    measured("A killed worker is replaced after, at most", f"{max(times):.2f} s")
    measured(f"{kills} kills, {CLIENTS} clients: answers", str(dict(clients.answers)))
    assert max(times) < REPLACED_SECONDS
    failures = sum(number for kind, number in clients.answers.items() if kind != "201")
    # The connections of the killed one, and no other.
    assert failures <= kills * CLIENTS
    assert not any(kind.startswith("5") for kind in clients.answers)


def test_sighup_under_load_fails_nothing(load: tuple[Server, Load]) -> None:
    server, clients = load
    with clients.going_on():
        for _ in range(2):
            before = set(children(server))
            server.process.send_signal(signal.SIGHUP)

            def renewed(before: set[int] = before) -> bool:
                now = set(children(server))
                return len(now) == 2 and not now & before

            measured("Two workers are renewed within", f"{seconds_until(renewed):.1f} s")
    measured(f"SIGHUP twice, {CLIENTS} clients: answers", str(dict(clients.answers)))
    assert set(clients.answers) == {"201"}


def test_frozen_workers_are_replaced_one_at_a_time(load: tuple[Server, Load]) -> None:
    server, _ = load
    before = children(server)
    for pid in before:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    first = seconds_until(lambda: len(set(before) & set(children(server))) == 1)
    # The second is killed only when the first one's successor serves.
    seconds_until(lambda: not set(before) & set(children(server)))
    second = time.monotonic() - began
    measured("Two frozen workers are killed after", f"{first:.1f} and {second:.1f} s")
    workers(server)
    assert first < 8


def test_a_parent_that_stood_still_blames_nobody(load: tuple[Server, Load]) -> None:
    server, _ = load
    before = children(server)
    os.kill(server.process.pid, signal.SIGSTOP)
    time.sleep(10)
    assert httpx.get(f"{server.url}/readyz").status_code == 200
    os.kill(server.process.pid, signal.SIGCONT)
    time.sleep(3)
    assert children(server) == before


class Uploads:
    """Requests whose bodies have begun and are not complete."""

    def __init__(self, stack: ExitStack, users: list[User], count: int) -> None:
        self._body = json.dumps({"title": "slow"}).encode()
        self._connections = [self._begun(stack, users[number % len(users)]) for number in range(count)]

    def _begun(self, stack: ExitStack, user: User) -> http.client.HTTPConnection:
        host = urlsplit(str(user.base_url))
        connection = stack.enter_context(closing(http.client.HTTPConnection(str(host.hostname), host.port, timeout=30)))
        connection.putrequest("POST", user.tasks)
        connection.putheader("Authorization", user.headers["Authorization"])
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(self._body)))
        connection.endheaders(self._body[:1])
        return connection

    def finish(self) -> Counter[int]:
        """Send the rest; the statuses."""
        for connection in self._connections:
            connection.send(self._body[1:])
        return self.answered()

    def answered(self) -> Counter[int]:
        answers = [connection.getresponse() for connection in self._connections]
        for answer in answers:
            answer.read()
        return Counter(answer.status for answer in answers)


@pytest.mark.parametrize("count", [1, 2])
def test_a_hundred_requests_finish(postgresql_18: PostgreSQL, tmp_path: Path, count: int) -> None:
    """60 are held by a lock in the database, 40 upload slowly."""
    url = postgresql_18.new_database()
    database = urlsplit(url).path.removeprefix("/")
    with Server(tmp_path, "--workers", str(count), DATABASE_URL=url) as server, ExitStack() as stack:
        users = [stack.enter_context(closing(User(server.url))) for _ in range(10)]
        for user in users:  # each worker has some of them, and makes at the first request what it needs for such
            user.new_task()
            user.get(user.tasks)
        threads = stack.enter_context(ThreadPoolExecutor(80))
        sessions = "SELECT count(*) FROM pg_locks WHERE relation = 'tasks'::regclass AND NOT granted"
        held = "BEGIN; LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT"
        locked = threads.submit(postgresql_18.sql, held, database)
        reads = [threads.submit(user.get, user.tasks) for user in users for _ in range(6)]
        uploads = Uploads(stack, users, 40)
        seconds_until(lambda: int(postgresql_18.sql(sessions, database)) >= 10 or locked.done())
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        uploaded = threads.submit(uploads.finish)
        answers = Counter(read.result().status_code for read in reads) + uploaded.result()
        assert server.process.wait(timeout=30) == 0
        took = time.monotonic() - began
        measured(f"SIGTERM, {count} workers, 100 requests under way", f"{dict(answers)}, ended after {took:.1f} s")
        assert answers == {200: 60, 201: 40}
        assert took < END_SECONDS


def test_what_never_finishes_is_refused_in_time(tmp_path: Path) -> None:
    """A body that never ends, a stream, an idle connection, and one that reads nothing."""
    with Server(tmp_path) as server, closing(User(server.url)) as user, ExitStack() as stack:
        uploads = Uploads(stack, [user], 20)
        stream = stack.enter_context(follow(user))
        for _ in range(20):
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert stream.rest() == []
        ended = time.monotonic() - began
        assert uploads.answered() == {503: 20}
        assert server.process.wait(timeout=30) == 0
        took = time.monotonic() - began
        measured(
            "SIGTERM with bodies that never end", f"503 for each, ended after {took:.1f} s; streams after {ended:.2f}"
        )
        assert took < END_SECONDS


def test_a_migration_of_another_process_is_waited_for_while_it_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "migrated_data", None)
    monkeypatch.setattr(Server, "awaits", "/livez")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    lock = WriteLock(data / "doable.db")
    lock.acquire(wait=True)
    began = time.monotonic()
    with Server(tmp_path, "--workers", "2") as server:
        measured("It listens while another process migrates, after", f"{time.monotonic() - began:.1f} s")
        assert httpx.get(f"{server.url}/readyz").status_code == 503
        lock.close()
        seconds_until(lambda: httpx.get(f"{server.url}/readyz").status_code == 200)
