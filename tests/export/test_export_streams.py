"""GET /api/auth/me/export: it is sent as it is read, and cut off if it cannot be finished.

It is the same on each database, so these run on one alone.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from doable.tasks.kind import TASK
from support.changes import batch
from support.kinds import but_exported
from support.logs import line_of, lines
from support.postgresql import PostgreSQL, wheel_binaries
from support.server import Server
from support.users import PASSWORD, User, assert_error

PATH = "/api/auth/me/export"
COUNT = 1500


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("export")) as server:
        yield server
        assert server.stop() == 0
    assert [line for line in lines(server) if line["level"] == "error"] == []


def with_many_tasks(server: Server) -> User:
    """A user with 12 MB of tasks, which is more than the sockets between hold."""
    user = User(server.url)
    operation = {"op": "create", "task": {"title": "large", "description": "\N{GRINNING FACE}" * 2000}}
    for _ in range(COUNT // 500):
        batch(user, *[operation] * 500)
    return user


@pytest.fixture(scope="module")
def carol(own_server: Server) -> Iterator[User]:
    with closing(with_many_tasks(own_server)) as user:
        yield user


class Download:
    """An export that has begun, and is made only as fast as it is read: so far, some KB of it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.request_id: str = answer.headers["x-request-id"]
        self.received = bytearray()
        self._pieces = answer.iter_bytes(4096)
        self.received += next(self._pieces)

    def read(self) -> bytes:
        """All of it, with what is still to come."""
        for piece in self._pieces:
            self.received += piece
        return bytes(self.received)


@contextmanager
def download(user: User, token: str | None = None) -> Iterator[Download]:
    headers = {"Authorization": f"Bearer {token or user.token}"}
    with (
        httpx.Client(base_url=user.base_url, timeout=30, headers=headers) as client,
        client.stream("GET", PATH) as answer,
    ):
        assert answer.status_code == 200
        yield Download(answer)


def assert_is_cut_off(begun: Download) -> None:
    """Neither the connection nor the document has an end as it should be."""
    with pytest.raises(httpx.TransportError):
        begun.read()
    with pytest.raises(json.JSONDecodeError):
        json.loads(begun.received.decode(errors="replace"))


def test_what_is_written_meanwhile_is_in_the_changes_since(carol: User) -> None:
    pages = [carol.get(carol.tasks, params={"limit": 3, "offset": offset}).json() for offset in (0, COUNT - 3)]
    newest, oldest = (page["tasks"] for page in pages)
    with download(carol) as begun:
        # Nobody waits for the reader.
        carol.delete(f"{carol.tasks}/{newest[0]['id']}")
        carol.delete(f"{carol.tasks}/{oldest[0]['id']}")
        carol.patch(f"{carol.tasks}/{newest[1]['id']}", json={"title": "changed"})
        carol.patch(f"{carol.tasks}/{oldest[1]['id']}", json={"title": "changed"})
        added = carol.new_task("added")
        received = begun.read()
    document = json.loads(received)
    assert len(received) > 12_000_000
    assert document["user"]["tasks"] == document["user"]["revision"] == COUNT
    exported = {task["id"]: task for task in document["tasks"]}
    assert len(exported) == len(document["tasks"])
    # It is no snapshot: what was sent already is as it was, what was not is as it is.
    assert oldest[0]["id"] in exported
    assert newest[0]["id"] not in exported
    assert exported[oldest[1]["id"]]["title"] == "large"
    assert exported[newest[1]["id"]]["title"] == "changed"
    assert exported[added["id"]]["title"] == "added"

    for change in carol.get("/api/me/changes", params={"since": document["user"]["revision"]}).json()["changes"]:
        if change["deleted"]:
            exported.pop(change["id"], None)
        else:
            exported[change["id"]] = change["task"]
    now: list[Any] = []
    while len(page := carol.get(carol.tasks, params={"limit": 100, "offset": len(now)}).json()["tasks"]):
        now += page
    exported = {id_: but_exported(TASK, task) for id_, task in exported.items()}
    assert exported == {task["id"]: task for task in now}


def test_a_database_that_goes_away_in_the_middle_cuts_it_off(tmp_path: Path) -> None:
    with (
        PostgreSQL(wheel_binaries()) as postgresql,
        Server(tmp_path, DATABASE_URL=postgresql.new_database()) as server,
        closing(with_many_tasks(server)) as dave,
    ):
        with download(dave) as begun:
            postgresql.stop()
            assert_is_cut_off(begun)
        line_of(server, begun.request_id)
        assert "A download was cut off: unavailable" in [line["event"] for line in lines(server)]
        assert [line for line in lines(server) if line["level"] == "error"] == []
        assert_error(dave.get(PATH), 503, "unavailable")
        postgresql.start()


def test_a_session_that_ends_in_the_middle_gets_no_more(carol: User) -> None:
    credentials = {"email": carol.email, "password": PASSWORD}
    token = carol.post("/api/auth/login", json=credentials).json()["access_token"]
    with download(carol, token) as begun:
        assert carol.post("/api/auth/logout", headers={"Authorization": f"Bearer {token}"}).status_code == 204
        assert_is_cut_off(begun)


def test_a_user_who_is_removed_in_the_middle_gets_no_more(own_server: Server) -> None:
    with closing(with_many_tasks(own_server)) as dave, download(dave) as begun:
        assert dave.request("DELETE", "/api/auth/me", json={"password": PASSWORD}).status_code == 204
        assert_is_cut_off(begun)


def test_a_reader_who_has_gone_leaves_nothing_behind(own_server: Server, carol: User) -> None:
    with download(carol) as begun:
        pass
    line_of(own_server, begun.request_id)


def test_a_reader_who_takes_nothing_is_cut_off(own_server: Server, carol: User) -> None:
    with download(carol) as begun:
        deadline = time.monotonic() + 30
        while begun.request_id not in own_server.log:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert_is_cut_off(begun)
