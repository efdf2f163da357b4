"""PostgreSQL stands still, a host of several hangs, or the synchronous standby is away.

Nothing waits twice, and no success is told too early.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Integer, func, select

from database.conftest import migrated
from database.works import FIND, add, advance, new_id, revision, run_with
from doable.database import Statement
from doable.database.postgresql import database as postgresql
from doable.database.postgresql import servers
from doable.database.postgresql.database import PostgreSQLDatabase
from doable.errors import Unavailable
from doable.owned.answers import Answer, answer
from doable.owned.writes import IdempotencyKey, Writes
from doable.settings import Settings
from support.postgresql import PostgreSQL, wheel_binaries

PROCESS = Statement(select(func.pg_backend_pid(type_=Integer).label("process")))


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgreSQL]:
    """A server that tests may freeze."""
    with PostgreSQL(wheel_binaries()) as running:
        yield running


@pytest.fixture
def own_settings(own_server: PostgreSQL, tmp_path: Any) -> Settings:
    return migrated(data_dir=tmp_path, database_url=own_server.new_database())


async def seconds_until_refused(call: Awaitable[Any]) -> float:
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await call
    return time.monotonic() - began


def test_no_wait_is_added_to_another_while_it_stands_still(
    own_server: PostgreSQL, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "TIMEOUT_SECONDS", 4.0)
    few = own_settings.model_copy(update={"database_pool_size": 3})

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id, other = new_id(), new_id()
        await database.write(add(owner_id))
        await database.write(add(other))
        with own_server.frozen():
            # Some wait for an answer, some for a connection, some for their turn and then for a connection.
            calls: list[Awaitable[Any]] = [database.write(advance(owner_id), owner_id=owner_id) for _ in range(6)]
            calls += [database.write(advance(other), owner_id=other, long=True) for _ in range(3)]
            calls += [database.one(FIND, owner_id=owner_id), database.read(lambda tx: tx.all(FIND, owner_id=other))]
            waits = await asyncio.gather(*map(seconds_until_refused, calls))
            # Two waits would be eight seconds.
            assert min(waits) > 3.9
            assert max(waits) < 7.8
        # Connections that were given up are replaced at once, and not each after a wait of its own.
        assert await database.write(advance(owner_id), owner_id=owner_id) == 1
        assert await revision(database, other) == 0

    run_with(few, test)


def test_a_kept_answer_waits_for_the_standby_as_the_first_one_did(
    own_server: PostgreSQL, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored here, and not there: if this server is lost, nobody may have been told of it."""

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        # No room for more answers: then not even the owner's row is locked by a replay.
        writes = Writes(database, owner_id, IdempotencyKey("a-key", "a-request"), max_kept_bytes=1)

        def write() -> Awaitable[Answer]:
            return writes(advance(owner_id), answer)

        own_server.set("synchronous_standby_names", "one_that_is_away")
        try:
            monkeypatch.setattr(postgresql, "TIMEOUT_SECONDS", 1.0)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await write()
            # What it wrote can be seen, but nobody was told that it is safe.
            assert await revision(database, owner_id) == 1
        finally:
            own_server.set("synchronous_standby_names", "")
        monkeypatch.setattr(postgresql, "TIMEOUT_SECONDS", 20.0)
        told = await write()
        assert (told.replayed, told.body) == (True, b"1")
        assert await revision(database, owner_id) == 1

    run_with(own_settings, test)


def test_a_host_that_hangs_is_passed_over_and_then_comes_last(
    own_server: PostgreSQL, own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "TIMEOUT_SECONDS", 8.0)
    url = own_settings.postgresql_url
    assert url is not None
    # It takes connections, and says nothing on them.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{own_server.port}"
        several = SecretStr(f"{url.replace(f'127.0.0.1:{own_server.port}', hosts)}?target_session_attrs=read-write")

        async def test(database: PostgreSQLDatabase) -> None:
            ids = [new_id() for _ in range(8)]
            await asyncio.gather(*(database.write(add(owner_id)) for owner_id in ids))
            silent.settimeout(0)
            silent.accept()[0].close()
            with pytest.raises(BlockingIOError):  # nobody has asked it a second time
                silent.accept()

        run_with(own_settings.model_copy(update={"database_url": several}), test)


def test_a_server_that_is_primary_no_longer_is_left(own_server: PostgreSQL, own_settings: Settings) -> None:
    """It still answers, so nothing else would end its connections."""

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        before = await database.one(PROCESS)
        own_server.set("default_transaction_read_only", "on")
        try:
            while True:  # until it has read that
                try:
                    await database.write(advance(owner_id), owner_id=owner_id)
                except Unavailable:
                    break
        finally:
            own_server.set("default_transaction_read_only", "off")
        assert await database.one(PROCESS) != before

    run_with(own_settings, test)
