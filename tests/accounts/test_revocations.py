"""What is revoked has to be known: a process that cannot find out refuses every credential, until it can again."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.repository import NEW, REVOKE, SEEN, all_until, purge_revocations, revoke, start_of
from doable.accounts.gate.revocations import Revocations
from doable.database import Database, Transaction, open_database
from doable.database.pages import SLICE
from doable.database.types import FIRST, Id
from doable.errors import Unauthenticated, Unavailable
from doable.settings import Settings
from support import schema
from support.postgresql import PostgreSQL, wheel_binaries
from support.server import SECRET, Server, doable
from support.users import PASSWORD, User, assert_error


def wait_for(user: User, status: int) -> None:
    deadline = time.monotonic() + 60
    while user.get(user.tasks).status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_without_them_no_token_is_believed(tmp_path: Path) -> None:
    with Server(tmp_path) as server, closing(User(server.url)) as alice:
        task = alice.new_task()
        settings = schema.settings_of(server)

        schema.execute(settings, "ALTER TABLE revocations RENAME TO hidden")
        wait_for(alice, 503)

        assert_error(alice.get(alice.tasks), 503, "unavailable")
        assert_error(alice.get("/api/auth/me"), 503, "unavailable")
        assert_error(alice.delete(f"{alice.tasks}/{task['id']}"), 503, "unavailable")
        # A bad token is still a bad token, and a password needs no revocations.
        assert_error(alice.get(alice.tasks, headers={"Authorization": "Bearer a.b.c"}), 401, "unauthenticated")
        credentials = {"email": alice.email, "password": PASSWORD}
        assert alice.post("/api/auth/login", json=credentials).status_code == 200

        schema.execute(settings, "ALTER TABLE hidden RENAME TO revocations")
        wait_for(alice, 200)
        assert alice.get(alice.tasks).json()["tasks"] == [task]


HOUR = timedelta(hours=1)


@pytest.fixture
def settings(migrated_database_settings: Callable[[], dict[str, str]], data: Path) -> Settings:
    """A migrated database on each backend."""
    return Settings(_env_file=None, data_dir=data, database_url=migrated_database_settings().get("DATABASE_URL"))


def is_refused(revocations: Revocations, revoked_id: str) -> bool:
    try:
        revocations.check(Credential(str(uuid.uuid4()), revoked_id, None))
    except Unauthenticated:
        return True
    return False


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - nobody tells when it has been read
            await asyncio.sleep(0.05)


async def until_refused(revocations: Revocations, *ids: str) -> None:
    def are_refused() -> bool:
        try:
            return all(is_refused(revocations, each) for each in ids)
        except Unavailable:  # the server has been away for too long
            return False

    await eventually(are_refused)


async def revoke_until(database: Database, expires_at: datetime, *ids: str) -> None:
    async def work(tx: Transaction) -> None:
        for each in ids:
            await revoke(tx, each, expires_at)

    await database.write(work, long=True)


def new_ids(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def run(settings: Settings, test: Callable[[Database, Revocations], Awaitable[None]]) -> None:
    """The test beside revocations that are read all the time, as in a server."""

    async def with_revocations() -> None:
        async with open_database(settings) as database, Revocations(database) as revocations:
            await test(database, revocations)

    asyncio.run(with_revocations())


def test_more_than_are_read_at_a_time(settings: Settings) -> None:
    """Before the process begins, and in one transaction while it runs."""
    before, during, expired = new_ids(2 * SLICE + 1), new_ids(2 * SLICE + 1), new_ids(1)

    async def fill() -> None:
        async with open_database(settings) as database:
            await revoke_until(database, clock.now() + HOUR, *before)
            await revoke_until(database, clock.now() - HOUR, *expired)

    async def test(database: Database, revocations: Revocations) -> None:
        assert all(is_refused(revocations, each) for each in before)
        assert not is_refused(revocations, expired[0])
        await revoke_until(database, clock.now() + HOUR, *during)
        await until_refused(revocations, *during)

    asyncio.run(fill())
    run(settings, test)


def test_one_that_begins_early_and_is_committed_late(settings: Settings) -> None:
    if settings.postgresql_url is None:
        pytest.skip("On SQLite writers take turns.")
    url, (early, later) = settings.postgresql_url, new_ids(2)

    async def test(database: Database, revocations: Revocations) -> None:
        connection = await asyncpg.connect(url)
        transaction = connection.transaction()
        await transaction.start()
        values = {"id": early, "expires_at": clock.now() + HOUR}
        await connection.execute(REVOKE.postgresql.sql, *REVOKE.postgresql.arguments(values))
        # Another one, which is numbered higher, is read meanwhile.
        await revoke_until(database, clock.now() + HOUR, later)
        await until_refused(revocations, later)
        assert not is_refused(revocations, early)
        await transaction.commit()
        await connection.close()
        await until_refused(revocations, early)

    run(settings, test)


def test_after_a_purge_has_emptied_the_table(settings: Settings) -> None:
    old, new = new_ids(3), new_ids(1)

    async def test(database: Database, revocations: Revocations) -> None:
        last = new_ids(1)[0]
        await revoke_until(database, clock.now() - HOUR, *old)
        await revoke_until(database, clock.now() + timedelta(seconds=1), last)
        await until_refused(revocations, last)
        await eventually(lambda: not is_refused(revocations, last))
        await purge_revocations(database)
        assert (await asyncio.to_thread(schema.contents, settings))["revocations"] == []
        await revoke_until(database, clock.now() + HOUR, *new)
        await until_refused(revocations, *new)

    run(settings, test)


def test_one_that_is_made_longer(settings: Settings) -> None:
    longer, shorter = new_ids(2)

    async def test(database: Database, revocations: Revocations) -> None:
        await revoke_until(database, clock.now() + timedelta(seconds=1), longer, shorter)
        await until_refused(revocations, longer, shorter)
        await revoke_until(database, clock.now() + HOUR, longer)
        await eventually(lambda: not is_refused(revocations, shorter))
        assert is_refused(revocations, longer)

    run(settings, test)


def test_all_are_read_again_where_the_numbers_have_fallen(data: Path) -> None:
    """A backup was put in the place of the database."""
    settings, (known, other) = Settings(_env_file=None, data_dir=data, database_url=None), new_ids(2)

    async def test(database: Database, revocations: Revocations) -> None:
        await revoke_until(database, clock.now() + HOUR, *new_ids(3), known)
        await until_refused(revocations, known)
        schema.execute(settings, "DELETE FROM revocations", "DELETE FROM sqlite_sequence WHERE name = 'revocations'")
        await revoke_until(database, clock.now() + HOUR, other)
        await until_refused(revocations, other)
        # What is known is not forgotten for it.
        assert is_refused(revocations, known)

    run(settings, test)


def test_all_are_read_again_where_the_server_is_another_one(tmp_path: Path) -> None:
    """Of another server the numbers say nothing: it may have been a standby that did not have the last ones."""
    known, unseen = new_ids(2)
    with PostgreSQL(wheel_binaries()) as running:
        url = running.new_database()
        settings = Settings(_env_file=None, data_dir=tmp_path, database_url=SecretStr(url))
        assert doable("migrate", cwd=tmp_path, DATABASE_URL=url, SECRET_KEY=SECRET).returncode == 0

        async def test(database: Database, revocations: Revocations) -> None:
            await revoke_until(database, clock.now() + HOUR, known)
            await until_refused(revocations, known)
            insert = (
                f"INSERT INTO revocations (number, id, expires_at) VALUES (3, '{unseen}', now() + interval '1 hour')"  # noqa: S608 - our own
            )
            await asyncio.to_thread(running.sql, insert, url.rpartition("/")[2])
            await asyncio.to_thread(running.stop)
            await asyncio.to_thread(running.start)
            await until_refused(revocations, unseen, known)

        run(settings, test)


def test_a_backup_in_another_cluster_is_not_read_again_and_again(settings: Settings, tmp_path: Path) -> None:
    """There the numbers of the backup are higher than any that a reader can have seen, until `doable restore`."""
    ids, expired = new_ids(2 * SLICE + 1), new_ids(1)
    environ = {"DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.postgresql_url or "", "SECRET_KEY": SECRET}

    async def fill() -> None:
        async with open_database(settings) as database:
            await revoke_until(database, clock.now() + HOUR, *ids)
            await revoke_until(database, clock.now() - HOUR, *expired)

    async def read_again() -> int:
        """The number of rows that a reader who has just read all of them reads again."""
        async with open_database(settings) as database:
            seen = await database.one(SEEN)
            assert seen is not None
            return len(
                await database.all(NEW, seen=seen["seen"], after_number=start_of(seen["seen"]), after_id=FIRST[Id])
            )

    async def test(_: Database, revocations: Revocations) -> None:
        assert all(is_refused(revocations, each) for each in ids)
        assert not is_refused(revocations, expired[0])

    def stored() -> dict[str, object]:
        """All but the one that the restore has added, which is of every access token of before."""
        rows = schema.rows_of(settings, "revocations")
        return {row["id"]: row["expires_at"] for row in rows if not all_until(str(row["id"]))}

    asyncio.run(fill())
    schema.execute(settings, "UPDATE revocations SET number = number + 1000000000000")
    assert asyncio.run(read_again()) == SLICE
    before = stored()
    assert doable("restore", "--in-place", cwd=tmp_path, **environ).returncode == 0
    assert asyncio.run(read_again()) <= 1  # on SQLite the last one always is
    assert stored() == before
    run(settings, test)
