"""MAX_KEPT_ANSWERS_MB: how much room the answers of one user's keys may take."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from conftest import NewServer
from support.outsider import Outsider, on_postgresql
from support.schema import contents, execute, settings_of
from support.server import Server
from support.users import User, assert_error
from support.writes import state_of

BIG = {"operations": [{"op": "create", "task": {"title": "t" * 200, "description": "d" * 2000}}] * 250}
"""Its answer takes more than half a MB."""


@pytest.fixture
def small(new_server: NewServer) -> Iterator[Server]:
    with new_server(MAX_KEPT_ANSWERS_MB="1") as server:
        yield server


def send(user: User, key: str, body: Any = None) -> httpx.Response:
    path = f"{user.tasks}/batch" if body else user.tasks
    return user.post(path, json=body or {"title": "small"}, headers={"Idempotency-Key": key})


def kept(server: Server, user: User) -> tuple[int, int]:
    """How much room the user's row says that the kept answers take, and how much they say themselves."""
    found = contents(settings_of(server))
    answers = [row for row in found["answers"] if str(row["owner_id"]) == user.id]
    (owner,) = (row for row in found["owners"] if str(row["owner_id"]) == user.id)
    assert all(row["kept_bytes"] > len(row["body"].encode()) for row in answers)
    return owner["kept_bytes"], sum(row["kept_bytes"] for row in answers)


def test_beyond_it_a_write_with_a_key_is_refused_before_it_runs(small: Server) -> None:
    with closing(User(small.url)) as alice, closing(User(small.url)) as bob:
        keys = [str(uuid.uuid4()) for _ in range(2)]
        answers = [send(alice, key, BIG) for key in keys]
        assert [answer.status_code for answer in answers] == [200, 200]
        before = state_of(alice)["revision"], kept(small, alice)
        assert before[1][0] == before[1][1] > 1024 * 1024
        for body in (None, BIG):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                path = f"{alice.tasks}/{uuid.uuid4()}" if method != "POST" else alice.tasks
                json = {"title": "a"} if method != "DELETE" else None
                refused = alice.request(method, path, json=json, headers={"Idempotency-Key": "another"})
                assert_error(refused, 429, "answers_full")
                assert int(refused.headers["retry-after"]) > 0
            assert_error(send(alice, "another", body), 429, "answers_full")
        assert (state_of(alice)["revision"], kept(small, alice)) == before
        # What is kept is given again, a write without a key is done, and nobody else is concerned.
        for key, first in zip(keys, answers, strict=True):
            again = send(alice, key, BIG)
            assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
        assert_error(send(alice, keys[0]), 422, "idempotency_key_reused")
        assert alice.post(alice.tasks, json={"title": "a"}).status_code == 201
        assert send(bob, "a-key").status_code == 201


def test_there_is_room_again_when_answers_have_expired(small: Server) -> None:
    with closing(User(small.url)) as alice:
        for key, body in (("young", None), ("old", BIG), ("older", BIG)):
            assert send(alice, key, body).is_success
        assert_error(send(alice, "another"), 429, "answers_full")
        small.stop()
        which = f"owner_id = '{alice.id}' AND idempotency_key <> 'young'"
        execute(settings_of(small), f"UPDATE answers SET created_at = '2026-01-01T00:00:00.000000Z' WHERE {which}")  # noqa: S608 - no input
        # They are purged when the server starts, though not before it answers.
        small.start()
        deadline = time.monotonic() + 20
        while (answer := send(alice, "another")).status_code != 201:
            assert_error(answer, 429, "answers_full")
            assert time.monotonic() < deadline
            time.sleep(0.02)
        told, counted = kept(small, alice)
        assert told == counted < 4000
        assert send(alice, "young").headers["idempotency-replayed"] == "true"


@on_postgresql
def test_room_that_is_made_while_a_write_waits_is_used(small: Server) -> None:
    outsider = Outsider(small.settings["DATABASE_URL"])

    async def test(alice: User) -> None:
        for key in ("old", "older"):
            assert send(alice, key, BIG).is_success
        # As a purge that is under way.
        async with outsider.holding("UPDATE owners SET kept_bytes = 0 WHERE owner_id = $1", alice.id) as purge:
            write = asyncio.create_task(asyncio.to_thread(send, alice, "another"))
            await outsider.until_waiting(1)
            await purge.commit()
            assert (await write).status_code == 201
        assert alice.get(alice.tasks).json()["total"] == 501

    with closing(User(small.url)) as alice:
        asyncio.run(test(alice))
