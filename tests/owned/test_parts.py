"""What is written in parts comes to an end, and each of them holds to what the request expects."""

import asyncio
import socket
import uuid
from typing import Any

import pytest

from doable.database import open_database
from doable.database.protocol import Transaction
from doable.errors import Busy, PreconditionFailed, TooManyRows
from doable.owned.answers import gone
from doable.owned.limits import Limits
from doable.owned.writes import Writes
from doable.tags.repository import TagRepository
from doable.tasks.tables import tasks
from support.changes import listed
from support.filing import fill, new_list, titles
from support.filing import path_of as path_of_list
from support.kinds import everything
from support.logs import line_of
from support.schema import settings_of
from support.server import Server
from support.tags import new_tag, path_of
from support.undo import UNDO, undo
from support.users import User
from support.workers import standing_still


def test_two_requests_of_which_each_undoes_the_other_end(server: Server, alice: User) -> None:
    """A section that is moved to two lists at once, say: for either of them there is always more to do."""
    alice.new_task()
    parts = 0

    async def never_fits(tx: Transaction) -> dict[str, Any]:
        del tx
        raise TooManyRows

    async def part(tx: Transaction) -> bool:
        nonlocal parts
        del tx
        parts += 1
        assert parts < 100
        return parts % 3 > 0

    async def write() -> None:
        async with open_database(settings_of(server)) as database:
            await Writes(database, alice.id).in_parts(never_fits, part, gone)

    with pytest.raises(Busy):
        asyncio.run(write())
    assert parts == 10


def test_where_another_request_undoes_it_it_pauses(
    server: Server, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that one of the two ends first. This one would pause for longer than the test waits."""
    alice.new_task()
    monkeypatch.setattr("random.uniform", lambda _least, _most: 3600)
    parts = asked = 0

    async def never_fits(tx: Transaction) -> dict[str, Any]:
        del tx
        raise TooManyRows

    async def part(tx: Transaction) -> bool:
        nonlocal parts
        del tx
        parts += 1
        return True

    def may_go_on() -> bool:
        nonlocal asked
        asked += 1
        return asked < 8

    async def write() -> None:
        async with open_database(settings_of(server)) as database:
            await Writes(database, alice.id, may_go_on=may_go_on).in_parts(never_fits, part, gone)

    with pytest.raises(Busy):
        asyncio.run(write())
    assert parts == 5


def test_it_ends_between_two_parts_once_it_may_not_go_on(server: Server, alice: User) -> None:
    parts = 0

    async def never_fits(tx: Transaction) -> dict[str, Any]:
        del tx
        raise TooManyRows

    async def part(tx: Transaction) -> bool:
        nonlocal parts
        del tx
        parts += 1
        return True

    async def write() -> None:
        async with open_database(settings_of(server)) as database:
            await Writes(database, alice.id, may_go_on=lambda: parts < 2).in_parts(never_fits, part, gone)

    with pytest.raises(Busy):
        asyncio.run(write())
    assert parts == 2


def test_it_ends_where_nobody_waits_for_the_answer(server: Server, alice: User) -> None:
    """A deletion and an undo in parts, whose clients have hung up before the first one."""
    a_list = new_list(alice)
    names = fill(server, alice, tasks, 600, title="{}", list_id=a_list["id"])
    deletion = f"DELETE {path_of_list(a_list)}?tasks=delete HTTP/1.1"
    hang_up(server, alice, deletion)
    assert titles(alice, a_list["id"]) == names
    answer = alice.delete(path_of_list(a_list), params={"tasks": "delete"}, headers=UNDO)
    assert answer.status_code == 204
    assert listed(alice) == {}
    token = answer.headers["undo-token"]
    hang_up(server, alice, f"POST /api/me/undo/{token} HTTP/1.1")
    assert listed(alice) == {}
    assert undo(alice, token) == {"undone": 601, "conflicts": []}
    assert titles(alice, a_list["id"]) == names


def hang_up(server: Server, user: User, request: str) -> None:
    """Send the request and close the connection before the server reads of either, and wait until it is done with it."""
    id_ = uuid.uuid4().hex
    own = f"Host: localhost\r\nAuthorization: {user.headers['Authorization']}\r\nX-Request-ID: {id_}"
    with (
        standing_still(server, server.process.pid),
        socket.create_connection(("127.0.0.1", server.port)) as connection,
    ):
        connection.sendall(f"{request}\r\n{own}\r\n\r\n".encode())
    line_of(server, id_)


def test_a_part_of_a_tag_is_refused_as_the_whole_is(server: Server, alice: User) -> None:
    tag, other = new_tag(alice, "a"), new_tag(alice, "b")
    alice.new_task(tags=["a"])
    assert alice.patch(path_of(tag), json={"color": "#000000"}).status_code == 200
    before = everything(alice)
    stale = frozenset({tag["revision"]})

    async def parts() -> None:
        async with open_database(settings_of(server)) as database:
            tags = TagRepository(database, alice.id, Limits())
            for part in (
                tags.rename_part(tag["id"], "new", expected=stale),
                tags.merge_part(tag["id"], other["id"], expected=stale),
                tags.remove_part(tag["id"], expected=stale),
            ):
                with pytest.raises(PreconditionFailed):
                    await database.write(part, owner_id=alice.id)

    asyncio.run(parts())
    assert everything(alice) == before


def test_a_rename_that_another_request_has_finished_leaves_nothing_to_do(server: Server, alice: User) -> None:
    tag = new_tag(alice, "a")
    usage = alice.get("/api/auth/me/usage").json()["stored_bytes"]

    async def part() -> bool:
        async with open_database(settings_of(server)) as database:
            work = TagRepository(database, alice.id, Limits()).rename_part(tag["id"], "a")
            return await database.write(work, owner_id=alice.id)

    assert not asyncio.run(part())
    # It is not marked as one that is being renamed.
    assert alice.get("/api/auth/me/usage").json()["stored_bytes"] == usage
    assert alice.patch(path_of(tag), json={"name": "b"}).status_code == 200
    assert alice.post("/api/me/tags", json={"name": "a"}).status_code == 201
