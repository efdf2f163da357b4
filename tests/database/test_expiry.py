"""What has expired is deleted, however much it is, and whatever else goes wrong."""

import logging
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Column, Index, MetaData, Table, bindparam, delete, select, update

from database.works import run_with
from doable.database import Database, Statement, Transaction, insert_row
from doable.database.expiry import Expiry
from doable.database.sqlite.driver import connect
from doable.database.types import Id, Instant
from doable.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)

# Keyed by owner, and on PostgreSQL spread over partitions, as a distributed one may be.
things = Table(
    "expiring_things",
    MetaData(),
    Column("owner_id", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index("ix_expiring_things_expires_at", "expires_at"),
)
EXPIRY = Expiry(things.c.expires_at)
ADD = Statement(insert_row(things))
ALL = Statement(select(things.c.id, things.c.expires_at))
# None of them is refused with this id.
RELEASE = Statement(update(things).values(id=bindparam("new_id")))
CLEAR = Statement(delete(things))

ON_SQLITE = """
CREATE TABLE expiring_things (
    owner_id VARCHAR(36), id VARCHAR(36), expires_at VARCHAR(27) NOT NULL, PRIMARY KEY (owner_id, id)
);
CREATE INDEX ix_expiring_things_expires_at ON expiring_things (expires_at);
CREATE TRIGGER no_single_one BEFORE DELETE ON expiring_things WHEN old.id LIKE 'ffffffff%'
BEGIN SELECT RAISE(ABORT, 'not this one'); END;
"""
ON_POSTGRESQL = """
CREATE TABLE expiring_things (
    owner_id uuid, id uuid, expires_at timestamptz NOT NULL, PRIMARY KEY (owner_id, id)
) PARTITION BY HASH (owner_id);
CREATE TABLE expiring_things_0 PARTITION OF expiring_things FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE expiring_things_1 PARTITION OF expiring_things FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX ix_expiring_things_expires_at ON expiring_things (expires_at);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF old.id::text LIKE 'ffffffff%' THEN RAISE 'not this one'; END IF; RETURN old; END $$;
CREATE TRIGGER no_single_one BEFORE DELETE ON expiring_things FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def with_table(settings: Settings) -> Settings:
    """The database with one table more."""

    async def on_postgresql(_: Database) -> None:
        connection = await asyncpg.connect(settings.postgresql_url)
        try:
            await connection.execute(ON_POSTGRESQL)
        finally:
            await connection.close()

    if settings.postgresql_url:
        run_with(settings, on_postgresql)
    else:
        with closing(connect(settings.database_path)) as connection:
            connection.executescript(ON_SQLITE)
    return settings


@pytest.fixture(scope="module")
def with_things(settings: Settings) -> Settings:
    return with_table(settings)


async def fill(database: Database, *expire_at: datetime, refused: frozenset[int] = frozenset()) -> None:
    """Things that expire then; the database refuses to delete some of them, by their number."""

    async def work(tx: Transaction) -> None:
        await tx.one(RELEASE, new_id=str(uuid.UUID(int=0)))
        await tx.one(CLEAR)
        for number, each in enumerate(expire_at):
            thing_id = str(uuid.uuid4())
            if number in refused:
                thing_id = "ffffffff" + thing_id[8:]
            await tx.one(ADD, owner_id=str(uuid.uuid4()), id=thing_id, expires_at=each)

    await database.write(work, long=True)


async def left(database: Database) -> list[datetime]:
    return sorted(row["expires_at"] for row in await database.all(ALL))


def test_all_that_has_expired_is_deleted_and_nothing_else(with_things: Settings) -> None:
    """Also of those that expired at one instant, and the one that expires just now."""

    async def test(database: Database) -> None:
        past = [NOW - timedelta(seconds=number) for number in range(1300)]
        future = [NOW + timedelta(microseconds=1), NOW + timedelta(days=1)]
        await fill(database, *past, *[NOW - timedelta(days=1)] * 700, *future)
        await EXPIRY.run(database, NOW)
        assert await left(database) == future
        await EXPIRY.run(database, NOW)
        assert await left(database) == future

    run_with(with_things, test)


def test_a_transaction_deletes_five_hundred_at_most(with_things: Settings) -> None:
    async def test(database: Database) -> None:
        await fill(database, *[NOW - timedelta(days=1)] * 300, *[NOW] * 300)

        async def one_slice(tx: Transaction) -> list[Any]:
            return await tx.all(EXPIRY.delete, since=NOW - timedelta(days=2), before=NOW, skipped=0)

        deleted = await database.write(one_slice, long=True)
        assert sorted(row["expired_at"] for row in deleted) == [NOW - timedelta(days=1)] * 300 + [NOW] * 200
        assert await left(database) == [NOW] * 100

    run_with(with_things, test)


def test_a_slice_that_cannot_be_deleted_is_passed_over(with_things: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async def test(database: Database) -> None:
        few = Expiry(things.c.expires_at, together=10)
        await fill(database, *[NOW - timedelta(seconds=number) for number in range(100)], refused=frozenset({55, 30}))
        caplog.set_level(logging.WARNING, "doable.database.expiry")
        await few.run(database, NOW)
        # One slice for each of the two that are refused, and every other is gone.
        assert len(await left(database)) == 20
        assert [record.getMessage().split(":")[0] for record in caplog.records] == ["expiring_things"] * 2

    run_with(with_things, test)


def test_where_nothing_can_be_deleted_it_ends(with_things: Settings) -> None:
    async def test(database: Database) -> None:
        few = Expiry(things.c.expires_at, together=1)
        await fill(database, *[NOW] * 10, refused=frozenset(range(10)))
        with pytest.raises(Exception, match="not this one"):
            await few.run(database, NOW)
        assert len(await left(database)) == 10

    run_with(with_things, test)


def test_what_another_transaction_holds_is_left_for_the_next_run(postgresql_settings: Settings) -> None:
    """On SQLite no transaction holds rows while another writes."""

    async def test(database: Database) -> None:
        await fill(database, *[NOW - timedelta(seconds=number) for number in range(1200)])
        other = await asyncpg.connect(postgresql_settings.postgresql_url)
        try:
            async with other.transaction():
                held = await other.fetch(
                    "SELECT id FROM expiring_things WHERE expires_at > $1 FOR UPDATE", NOW - timedelta(seconds=100)
                )
                await EXPIRY.run(database, NOW)
                assert len(await left(database)) == len(held) == 100
        finally:
            await other.close()
        await EXPIRY.run(database, NOW)
        assert await left(database) == []

    run_with(with_table(postgresql_settings), test)
