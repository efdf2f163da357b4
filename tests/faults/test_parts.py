"""Long writes that are broken off in the middle, again and again: what is there then, and that asking again finishes them."""

import asyncio
import http.client
import json
import secrets
import signal
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any, Final, NamedTuple

import pytest
from sqlalchemy import Connection, select, update

from conftest import NewServer
from doable.database import open_database
from doable.owned.owners import OwnerRow
from doable.owned.repository import OwnedRepository
from doable.owned.storage import measure
from doable.owned.tables import owners
from doable.server.worker import FINISH_SECONDS
from doable.tasks.tables import task_tags, tasks
from faults.conftest import measured
from support.changes import changes, listed
from support.filing import Thing, fill, new_list, new_section
from support.logs import line_of
from support.reminders import alarms_of, awaited, fill_with_reminders
from support.schema import on_connection, settings_of
from support.server import Server, doable
from support.tags import assert_in_step, new_tag
from support.undo import UNDO, but_stamps, undo
from support.users import User

TASKS: Final = 8_000
TREES: Final = 300
TIMES: Final = 2
"""So often each write is broken off at most: it may be done before."""


Headers = Mapping[str, str]
NONE: Final[Headers] = {}


class Answer(NamedTuple):
    """What came of a request."""

    status: int
    body: Any
    headers: Headers


class Long:
    """A user with a list of trees, of which half is completed, and a tag that all of them have."""

    def __init__(self, server: Server, user: User) -> None:
        self.server = server
        self.user = user
        self.breaks = 0
        self.list = new_list(user)["id"]
        section = new_section(user, {"id": self.list})["id"]
        tag = new_tag(user, "long")
        self.tag, self._sequence, self.other = tag["id"], tag["revision"], new_tag(user, "other")["id"]
        filed = {"list_id": self.list, "section_id": section, "tags": '["long"]'}
        fill(server, user, tasks, TASKS, title="{}", **filed)
        on_connection(settings_of(server), self._grow)
        self.before = listed(user)

    def _grow(self, connection: Connection) -> None:
        own = tasks.c.owner_id == self.user.id
        rows = connection.execute(select(tasks.c.id, tasks.c.sequence).where(own)).all()
        key = {"owner_id": self.user.id, "tag": self._sequence}
        connection.execute(task_tags.insert(), [{**key, "sequence": row.sequence} for row in rows])
        for number, row in enumerate(rows):
            parent = {"parent_id": rows[number % TREES].id} if number >= TREES and number % 3 else {}
            done = {"completed_at": tasks.c.created_at} if number % 2 else {}
            if parent or done:
                connection.execute(update(tasks).where(own, tasks.c.id == row.id).values({**parent, **done}))

    def insist(self, method: str, path: str, body: Thing | None = None, *, how: str, also: Headers = NONE) -> Answer:
        """Send it and break it off in its middle, several times; each time all is sound. Then the same to its end."""
        headers = {**also, "Idempotency-Key": str(uuid.uuid4())}
        for _ in range(TIMES):
            found = self._broken_off(method, path, body, how, headers)
            self.must_be_sound()
            if found is not None and found.status < 300:
                return found
            assert found is None or found.status == 503
            self.breaks += 1
        deadline = time.monotonic() + 60
        while True:
            answer = self.user.request(method, path, json=body, headers=headers)
            if answer.is_success:
                self.must_be_sound()
                return Answer(answer.status_code, answer.json() if answer.content else None, dict(answer.headers))
            # PostgreSQL may not know yet that the process is dead whose transaction it holds open.
            assert answer.status_code in {409, 503}
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _broken_off(self, method: str, path: str, body: Thing | None, how: str, headers: Headers) -> Answer | None:
        id_, since = uuid.uuid4().hex, self.owner()["revision"]
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        with ThreadPoolExecutor(1) as threads, closing(connection):
            sent = {"Authorization": self.user.headers["Authorization"], "X-Request-ID": id_, **headers}
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {**sent, "Content-Type": "application/json"})
            answer = threads.submit(_answered, connection)
            while not answer.done() and not changes(self.user, since=since, limit=1, kinds="all")["changes"]:
                time.sleep(0.002)
            time.sleep(secrets.randbelow(200) / 1000)
            self._break_off(connection, id_, how)
            found = answer.result()
        if how != "hang up":
            self.server.start()
        return found

    def _break_off(self, connection: http.client.HTTPConnection, id_: str, how: str) -> None:
        if how == "SIGKILL":
            self.server.kill()
        elif how == "SIGTERM":
            began = time.monotonic()
            assert self.server.stop(signal.SIGTERM) == 0
            took = time.monotonic() - began
            measured("SIGTERM in the middle of a write in parts", f"ended after {took:.1f} s")
            assert took < FINISH_SECONDS  # it ended by itself, and was not cut off
        else:
            with suppress(OSError):  # answered, and closed, by now
                connection.sock.shutdown(socket.SHUT_RDWR)
            line_of(self.server, id_)

    def owner(self) -> OwnerRow:
        """The owner's row."""

        def read(connection: Connection) -> Any:
            return connection.execute(select(owners).where(owners.c.owner_id == self.user.id)).mappings().one()

        found: OwnerRow = on_connection(settings_of(self.server), read)
        return found

    def must_be_sound(self) -> None:
        """Nothing is half of anything: trees are whole, totals are right, and doctor is content."""
        there, owner = listed(self.user), self.owner()
        assert len(there) == owner["tasks"] == self.user.get(self.user.tasks).json()["total"]
        for task in there.values():
            if task["parent_id"] is not None:
                assert there[task["parent_id"]]["list_id"] == task["list_id"]
        assert_in_step(self.server, self.user)
        if owner["counted_revision"] == owner["revision"]:  # else it is counted with the next write
            assert owner["stored_bytes"] == asyncio.run(self._measured())
        examined = doable("doctor", cwd=self.server.folder, **self.server.settings)
        assert examined.returncode == 0, examined.stdout
        assert "Every list, section, parent and tag that is named is there" in examined.stdout

    async def _measured(self) -> int:
        async with open_database(settings_of(self.server)) as database:

            async def work(tx: Any) -> int:
                return sum([(await measure(tx, self.user.id, each))[1] for each in OwnedRepository.every])

            return await database.read(work, long=True)

    def names(self) -> set[tuple[str, ...]]:
        """The tags that tasks have."""
        there = listed(self.user)
        assert there.keys() == self.before.keys()
        return {(*task["tags"],) for task in there.values()}

    def must_be_as_before(self) -> None:
        there = listed(self.user)
        assert there.keys() == self.before.keys()
        ids = sorted(there)
        assert but_stamps([there[id_] for id_ in ids]) == but_stamps([self.before[id_] for id_ in ids])


def _answered(connection: http.client.HTTPConnection) -> Answer | None:
    try:
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    return Answer(answer.status, json.loads(content) if content else None, dict(answer.getheaders()))


@pytest.fixture
def long(new_server: NewServer) -> Iterator[Long]:
    with new_server() as server, closing(User(server.url)) as user:
        yield Long(server, user)


def test_a_list_whose_tasks_go_to_the_inbox(long: Long) -> None:
    assert long.insist("DELETE", f"/api/me/lists/{long.list}", how="SIGKILL").status == 204
    assert long.breaks
    there = listed(long.user)
    assert there.keys() == long.before.keys()
    assert {(task["list_id"], task["section_id"]) for task in there.values()} == {(None, None)}
    parents = [{id_: task["parent_id"] for id_, task in some.items()} for some in (there, long.before)]
    assert parents[0] == parents[1]
    assert long.user.get("/api/me/lists").json() == {"lists": []}
    assert long.user.get("/api/me/sections").json() == {"sections": []}


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "hang up"])
def test_a_list_that_is_deleted_with_its_tasks(long: Long, how: str) -> None:
    assert long.insist("DELETE", f"/api/me/lists/{long.list}?tasks=delete", how=how, also=UNDO).status == 204
    assert listed(long.user) == {}
    assert long.breaks
    # All of it is undone as one.
    (kept,) = long.user.get("/api/me/undo?deleted=true").json()["undos"]
    assert undo(long.user, kept["token"]) == {"undone": TASKS + 2, "conflicts": []}
    long.must_be_as_before()


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_an_undo(long: Long, how: str) -> None:
    deleted = long.user.delete(f"/api/me/lists/{long.list}?tasks=delete", headers=UNDO)
    assert deleted.status_code == 204
    undone = long.insist("POST", f"/api/me/undo/{deleted.headers['undo-token']}", how=how)
    assert undone.body == {"undone": TASKS + 2, "conflicts": []}
    assert long.breaks
    long.must_be_as_before()
    assert [each["id"] for each in long.user.get("/api/me/lists").json()["lists"]] == [long.list]


def test_a_tag_that_is_renamed(long: Long) -> None:
    path = f"/api/me/tags/{long.tag}"
    etag = long.user.get(path).headers["etag"]
    answer = long.insist("PATCH", path, {"name": "renamed"}, how="SIGKILL", also={"If-Match": etag})
    assert (answer.status, answer.body["name"]) == (200, "renamed")
    assert long.breaks
    assert long.names() == {("renamed",)}
    assert sorted(tag["name"] for tag in long.user.get("/api/me/tags").json()["tags"]) == ["other", "renamed"]


def test_a_tag_that_is_merged(long: Long) -> None:
    answer = long.insist("POST", f"/api/me/tags/{long.tag}/merge", {"into": long.other}, how="SIGKILL")
    assert (answer.status, answer.body["id"]) == (200, long.other)
    assert long.breaks
    assert long.names() == {("other",)}
    assert [tag["id"] for tag in long.user.get("/api/me/tags").json()["tags"]] == [long.other]


def test_a_tag_that_is_deleted(long: Long) -> None:
    assert long.insist("DELETE", f"/api/me/tags/{long.tag}", how="SIGKILL").status == 204
    assert long.breaks
    assert long.names() == {()}
    assert [tag["id"] for tag in long.user.get("/api/me/tags").json()["tags"]] == [long.other]


def test_a_time_zone_that_reminders_follow(long: Long) -> None:
    fill_with_reminders(long.server, long.user, TASKS)
    changed = long.insist("PATCH", "/api/me/preferences", {"timezone": "America/New_York"}, how="SIGKILL")
    assert (changed.status, changed.body["timezone"]) == (200, "America/New_York")
    assert long.breaks
    come = alarms_of(long.server, long.user)
    assert come == awaited(long.user)
    assert [at for _, _, at in come] == ["2126-12-01T14:00:00.000000Z"] * TASKS
