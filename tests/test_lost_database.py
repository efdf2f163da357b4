"""PostgreSQL goes away while Doable serves, and comes back."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event

import httpx

from support.postgresql import PostgreSQL, wheel_binaries
from support.server import Server
from support.users import PASSWORD, User, assert_error


@contextmanager
def stopped(postgresql: PostgreSQL) -> Iterator[None]:
    """Every connection is cut, and none can be made."""
    postgresql.stop()
    try:
        yield
    finally:
        postgresql.start()


def requests_of(user: User, task_id: str) -> Iterator[httpx.Response]:
    """One of everything that needs the database."""
    credentials = {"email": user.email, "password": PASSWORD}
    yield user.get("/readyz")
    yield user.get("/api/auth/me")
    yield user.get(user.tasks)
    yield user.get(user.tasks, params={"offset": 1001})
    yield user.get(f"{user.tasks}/{task_id}")
    yield user.post(user.tasks, json={"title": "a"})
    yield user.put(f"{user.tasks}/{task_id}", json={"title": "b"})
    yield user.patch(f"{user.tasks}/{task_id}/complete")
    yield user.delete(f"{user.tasks}/{task_id}")
    yield user.post("/api/auth/login", json=credentials)
    yield user.post("/api/auth/signup", json={**credentials, "email": f"{uuid.uuid4().hex}@example.com"})


def assert_needs_the_database(user: User, task_id: str) -> None:
    for answer in requests_of(user, task_id):
        assert_error(answer, 503, "unavailable")
    assert user.get("/livez").status_code == 200
    assert_error(user.get(user.tasks, headers={"Authorization": ""}), 401, "unauthenticated")
    assert_error(user.post("/api/auth/login", json={}), 422, "validation_error")


def wait_for(user: User, path: str, status: int) -> None:
    deadline = time.monotonic() + 20
    while user.get(path).status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_total(user: User, total: int) -> None:
    deadline = time.monotonic() + 20
    while user.get(user.tasks).json()["total"] < total:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def create_until(user: User, enough: Event) -> tuple[list[str], set[int]]:
    """Create one task after the other; the titles of those that were said to be stored, and every status."""
    stored, statuses = [], set()
    with httpx.Client(base_url=user.base_url, headers=user.headers, timeout=30) as client:
        while not enough.is_set():
            title = uuid.uuid4().hex
            answer = client.post(user.tasks, json={"title": title})
            statuses.add(answer.status_code)
            if answer.status_code == 201:
                stored.append(title)
            else:
                assert_error(answer, 503, "unavailable")
    return stored, statuses


def titles_of(user: User) -> list[str]:
    titles: list[str] = []
    while page := user.get(user.tasks, params={"limit": 100, "offset": len(titles)}).json()["tasks"]:
        titles += [task["title"] for task in page]
    return titles


def test_it_is_503_while_it_is_gone_and_heals_by_itself(tmp_path: Path) -> None:
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgreSQL(wheel_binaries()))
        server = stack.enter_context(Server(tmp_path, DATABASE_URL=postgresql.new_database()))
        alice = stack.enter_context(closing(User(server.url)))
        task = alice.new_task()
        process = server.process.pid

        with stopped(postgresql):
            assert_needs_the_database(alice, task["id"])
            # This needs none, until the revocations that were read are too old to be believed.
            wait_for(alice, "/api/somebody/tasks", 503)
            assert_needs_the_database(alice, task["id"])
        wait_for(alice, alice.tasks, 200)

        assert server.process.pid == process
        assert server.process.poll() is None
        assert alice.get(alice.tasks).json()["tasks"] == [task]
        statuses = [answer.status_code for answer in requests_of(alice, task["id"])]
        assert statuses == [200, 200, 200, 200, 200, 201, 200, 200, 204, 200, 201]


def test_what_was_answered_is_stored_and_what_was_under_way_is_503(tmp_path: Path) -> None:
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgreSQL(wheel_binaries()))
        server = stack.enter_context(Server(tmp_path, DATABASE_URL=postgresql.new_database()))
        users = [stack.enter_context(closing(User(server.url))) for _ in range(4)]
        enough = Event()
        with ThreadPoolExecutor(len(users)) as threads:
            running = [threads.submit(create_until, user, enough) for user in users]
            try:
                # Each of them is in the middle of it.
                for user in users:
                    wait_for_total(user, 2)
                for _ in range(2):
                    with stopped(postgresql):
                        assert_error(users[0].get(users[0].tasks), 503, "unavailable")
                    wait_for(users[0], users[0].tasks, 200)
            finally:
                enough.set()
            for user, future in zip(users, running, strict=True):
                stored, statuses = future.result(timeout=60)
                assert statuses == {201, 503}
                titles = titles_of(user)
                # What got no answer may or may not be there, but what is there counts.
                assert set(stored) <= set(titles)
                assert len(titles) == len(set(titles)) == user.get(user.tasks).json()["total"]
