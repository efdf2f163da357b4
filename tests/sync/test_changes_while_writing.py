"""A large account is read in pages while others write to it."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from support.changes import Change, Copy, apply, batch, listed, pages
from support.server import Server
from support.users import PASSWORD, User

TASKS = 10_000
SOME = 500
WRITERS = 2


class Writer:
    """Creates, changes and deletes tasks, one after the other, until it is told that it is enough."""

    def __init__(self, user: User, task_ids: list[str], start: threading.Barrier, enough: threading.Event) -> None:
        self.writes = 0
        self._user = user
        self._task_ids = task_ids
        self._start = start
        self._enough = enough

    def run(self) -> None:
        self._start.wait(timeout=60)
        while not self._enough.is_set():
            # Old and young ones in turn: what is on a page that was read, and what is on one that is still to come.
            old, young = self._task_ids.pop(0), self._task_ids.pop()
            between = self._task_ids[len(self._task_ids) // 2]
            self._write("PATCH", f"/{old}", 200, json={"title": f"changed by write {self.writes}"})
            made = self._write("POST", "", 201, json={"title": "made meanwhile"})["id"]
            self._write("DELETE", f"/{young}", 204)
            self._write("PATCH", f"/{between}/complete", 200)
            self._write("DELETE", f"/{old}", 204)
            self._write("PUT", f"/{made}", 200, json={"description": "and changed"})

    def _write(self, method: str, path: str, status: int, **body: Any) -> Any:
        answer = self._user.request(method, f"{self._user.tasks}{path}", **body)
        assert answer.status_code == status, answer.text
        self.writes += 1
        return answer.json() if answer.content else None


@contextmanager
def writing(writers: list[Writer], enough: threading.Event) -> Iterator[None]:
    """The writers write until the block ends. What went wrong in one of them is raised then."""
    failures: list[BaseException] = []

    def run(writer: Writer) -> None:
        try:
            writer.run()
        except BaseException as error:  # noqa: BLE001 - the test's own thread raises it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join(timeout=60)
    if failures:
        raise failures[0]


def write_again(writers: list[Writer]) -> None:
    """Wait until each of the writers has written once more."""
    before = [writer.writes for writer in writers]
    deadline = time.monotonic() + 20
    while any(writer.writes == count for writer, count in zip(writers, before, strict=True)):
        assert time.monotonic() < deadline
        time.sleep(0.001)


def logged_in_again(server: Server, user: User) -> User:
    """Another client of the same user."""
    other = User(server.url)
    answer = other.post("/api/auth/login", json={"email": user.email, "password": PASSWORD})
    other.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    other.id, other.tasks = user.id, user.tasks
    return other


@pytest.fixture
def task_ids(alice: User) -> list[str]:
    """Alice has so many tasks."""
    return [
        result["id"]
        for _ in range(TASKS // SOME)
        for result in batch(alice, *[{"op": "create", "task": {"title": "old"}}] * SOME)
    ]


def test_is_read_without_a_gap(server: Server, alice: User, task_ids: list[str]) -> None:
    start, enough = threading.Barrier(WRITERS + 1), threading.Event()
    copy: Copy = {}
    seen: list[Change] = []
    revision = 0
    with ExitStack() as stack:
        writers = [
            Writer(stack.enter_context(closing(logged_in_again(server, alice))), task_ids[n::WRITERS], start, enough)
            for n in range(WRITERS)
        ]
        with writing(writers, enough):
            start.wait(timeout=60)
            # There are writes before the first page, between any two, and after the last.
            for some, reached in pages(alice, lambda: write_again(writers), limit=SOME):
                seen += some
                apply(copy, some)
                revision = reached
            write_again(writers)
        assert len(seen) >= TASKS - sum(writer.writes for writer in writers)

        # Everybody has stopped; what came after the last page is still to be read.
        caught_up = list(pages(alice, since=revision, limit=SOME))
        assert caught_up[0][0]
        for some, _ in caught_up:
            seen += some
            apply(copy, some)
    assert copy == listed(alice)
    revisions = [change["revision"] for change in seen]
    assert revisions == sorted(set(revisions))
    assert caught_up[-1][1] == revisions[-1] == TASKS + sum(writer.writes for writer in writers)
