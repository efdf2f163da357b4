"""A server that is killed with SIGKILL, and clients that try again."""

import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from conftest import NewServer
from support.server import Server
from support.users import User, assert_error
from support.writes import WRITES, Request, create, etag, state_of, with_headers

CLIENTS = 8
KILLS = 3
WRITES_BEFORE_EACH = 40


class DyingServer(Server):
    """A server that a request with `X-Die: 1` kills between the commit and the answer."""

    script = Path(__file__).parent / "support" / "dies_before_answering.py"


@pytest.fixture(scope="module")
def one_dying_server(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DyingServer]:
    with DyingServer(tmp_path_factory.mktemp("dying"), **migrated_database_settings()) as running:
        yield running


@pytest.fixture
def dying_server(one_dying_server: DyingServer) -> DyingServer:
    """A server that runs, whatever the test before this one did to it."""
    return one_dying_server if one_dying_server.process.poll() is None else one_dying_server.start()


@pytest.fixture
def alice(dying_server: DyingServer) -> Iterator[User]:
    """A new user of the server that dies."""
    with closing(User(dying_server.url)) as user:
        yield user


def kill_with(server: Server, user: User, request: Request, **headers: str) -> None:
    """Send the request, which the server does not live to answer; then start the server again."""
    with pytest.raises(httpx.TransportError):
        user.request(**with_headers(request, **headers, **{"X-Die": "1"}))
    assert server.process.wait(timeout=30) == -signal.SIGKILL
    server.start()


@pytest.mark.parametrize("write", WRITES)
def test_a_retry_with_the_same_key_gets_the_answer_that_was_lost(
    dying_server: DyingServer, alice: User, write: str
) -> None:
    request = WRITES[write].request(alice)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    before = state_of(alice)
    kill_with(dying_server, alice, request, **key)

    after = state_of(alice)
    assert after["revision"] == before["revision"] + WRITES[write].revisions
    assert after["total"] == len(after["tasks"]) == before["total"] + WRITES[write].tasks
    answer = alice.request(**with_headers(request, **key))
    assert answer.status_code == WRITES[write].status
    assert answer.headers["idempotency-replayed"] == "true"
    assert state_of(alice) == after
    if write == "batch":
        assert [result["task"] for result in answer.json()["results"]] == after["tasks"]
    elif write != "delete":
        assert after["tasks"] == [answer.json()]
        assert answer.headers["etag"] == etag(after["revision"])


def test_without_a_key_what_was_committed_is_there_and_a_retry_is_another_write(
    dying_server: DyingServer, alice: User
) -> None:
    request = create(alice)
    kill_with(dying_server, alice, request)
    state = state_of(alice)
    assert [task["title"] for task in state["tasks"]] == ["created"]
    assert (state["total"], state["revision"]) == (1, 1)
    answer = alice.request(**request)
    assert answer.status_code == 201
    assert "idempotency-replayed" not in answer.headers
    assert state_of(alice)["tasks"] == [answer.json(), *state["tasks"]]


def test_an_error_that_was_lost_is_not_kept(dying_server: DyingServer, alice: User) -> None:
    task_id = str(uuid.uuid4())
    request: Request = {"method": "PUT", "url": f"{alice.tasks}/{task_id}", "json": {"title": "a"}}
    kill_with(dying_server, alice, request, **{"Idempotency-Key": "key"})
    assert state_of(alice)["revision"] == 0
    alice.put(f"{alice.tasks}/{task_id}", json={"title": "b"}, headers={"If-None-Match": "*"})
    answer = alice.put(f"{alice.tasks}/{task_id}", json={"title": "a"}, headers={"Idempotency-Key": "key"})
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    assert "idempotency-replayed" not in answer.headers


class Client:
    """Creates tasks and toggles one, each with a key of its own, and does not give up."""

    def __init__(self, user: User) -> None:
        self.task_id: str = user.new_task("toggled")["id"]
        self.titles: list[str] = []
        self.toggles = 0
        self.lost = 0
        self._user = user

    @property
    def acknowledged(self) -> int:
        """How many writes were answered."""
        return len(self.titles) + self.toggles

    def write_until(self, enough: Event) -> None:
        """Write one after the other, and end with a write that was answered."""
        with httpx.Client(base_url=self._user.base_url, headers=self._user.headers, timeout=30) as client:
            while not enough.is_set():
                title = uuid.uuid4().hex
                created = self._insist(client, "POST", self._user.tasks, {"title": title})
                assert (created.status_code, created.json()["title"]) == (201, title)
                self.titles.append(title)
                toggled = self._insist(client, "PATCH", f"{self._user.tasks}/{self.task_id}/complete", None)
                assert toggled.status_code == 200
                self.toggles += 1
                assert toggled.json()["is_completed"] == (self.toggles % 2 == 1)

    def _insist(self, client: httpx.Client, method: str, url: str, body: Any) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = client.request(method, url, json=body, headers=headers)
            except httpx.TransportError:
                self.lost += 1
                time.sleep(0.02)  # the server is away
            else:
                if answer.is_success:
                    return answer
                # PostgreSQL may not know yet that the process is dead whose transaction it holds open.
                codes = {409: "request_in_progress", 503: "unavailable"}
                assert_error(answer, answer.status_code, codes[answer.status_code])
                time.sleep(0.02)
            assert time.monotonic() < deadline


def titles_of(user: User) -> list[str]:
    titles: list[str] = []
    while page := user.get(user.tasks, params={"limit": 100, "offset": len(titles)}).json()["tasks"]:
        titles += [task["title"] for task in page]
    return titles


def test_through_every_kill_each_write_is_done_exactly_once(new_server: NewServer) -> None:
    with new_server() as server, closing(User(server.url)) as user:
        clients = [Client(user) for _ in range(CLIENTS)]
        enough = Event()
        with ThreadPoolExecutor(CLIENTS) as threads:
            running = [threads.submit(client.write_until, enough) for client in clients]
            try:
                for _ in range(KILLS):
                    wait_for_writes(clients, WRITES_BEFORE_EACH)
                    server.kill()
                    server.start()
                wait_for_writes(clients, WRITES_BEFORE_EACH)
            finally:
                enough.set()
            for each in running:
                each.result(timeout=90)
        assert sum(client.lost for client in clients) >= CLIENTS
        stored = Counter(titles_of(user))
        assert stored.pop("toggled") == CLIENTS
        assert stored == Counter(title for client in clients for title in client.titles)
        assert user.get(user.tasks).json()["total"] == stored.total() + CLIENTS
        # Nothing but what was answered has ever moved the revision.
        newest = user.get(user.tasks, params={"limit": 1}).json()["tasks"][0]["revision"]
        toggled = [user.get(f"{user.tasks}/{client.task_id}").json() for client in clients]
        assert max(newest, *(task["revision"] for task in toggled)) == CLIENTS + sum(
            client.acknowledged for client in clients
        )
        assert [task["is_completed"] for task in toggled] == [client.toggles % 2 == 1 for client in clients]


def wait_for_writes(clients: list[Client], number: int) -> None:
    """Wait until so many more were answered, and some to each client, so that all are in the middle of it."""
    before = [client.acknowledged for client in clients]
    deadline = time.monotonic() + 60
    while True:
        more = [client.acknowledged - then for client, then in zip(clients, before, strict=True)]
        if sum(more) >= number and all(more):
            return
        assert time.monotonic() < deadline, more
        time.sleep(0.005)
