"""What processes on one SQLite file tell each other: whose data they have committed."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from database.test_sqlite_processes import ALL_OWNERS, Writers, several
from database.works import add, advance, new_id, run_with, until
from doable.database import Database, open_database
from doable.database.sqlite import changed as module
from doable.database.sqlite.changed import SLOTS, Changed
from doable.database.sqlite.driver import connect
from doable.settings import Settings

ONE, TWO, THREE = (new_id() for _ in range(3))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def two(stack: ExitStack, path: Path) -> tuple[Changed, Changed]:
    """Of two processes."""
    mine, others = (stack.enter_context(closing(Changed(path / "doable.db"))) for _ in range(2))
    return mine, others


def test_others_are_told_once(tmp_path: Path, stack: ExitStack) -> None:
    writer, reader = two(stack, tmp_path)
    writer.put({ONE, TWO})
    assert reader.by_others() == {ONE, TWO}
    assert reader.by_others() == set()
    # Who comes later reads everything anyway.
    later = stack.enter_context(closing(Changed(tmp_path / "doable.db")))
    writer.put({THREE})
    assert reader.by_others() == later.by_others() == {THREE}


def test_nobody_is_told_of_their_own(tmp_path: Path, stack: ExitStack) -> None:
    one, other = two(stack, tmp_path)
    one.put({ONE})
    other.put({TWO})
    one.put({THREE})
    assert one.by_others() == {TWO}
    assert other.by_others() == {ONE, THREE}


def test_more_than_there_is_room_for_may_be_anybodys(tmp_path: Path, stack: ExitStack) -> None:
    writer, reader = two(stack, tmp_path)
    for number, expected in ((SLOTS, None), (SLOTS + 1, {None}), (1, None)):
        ids = {new_id() for _ in range(number)}
        writer.put(ids)
        assert reader.by_others() == (expected or ids)
    # Where nobody asks, nothing piles up.
    for _ in range(3 * SLOTS):
        writer.put({ONE, new_id()})
        reader.put({TWO})
    assert None in (told := reader.by_others())
    assert len(told) <= 2 * SLOTS


def test_it_is_as_large_from_the_beginning_as_it_will_be(tmp_path: Path) -> None:
    """Memory of a file with holes in it kills who writes where the disk is full."""
    path = tmp_path / "doable.db.changed"
    path.write_bytes(b"")  # as by somebody who was killed at once
    Changed(tmp_path / "doable.db").close()
    assert path.stat().st_size == module.SIZE <= 512 * path.stat().st_blocks


@several
@pytest.mark.parametrize("writes", [True, False], ids=["it writes", "it does not"])
def test_each_owner_is_told_when_the_write_can_be_seen(
    sqlite_settings: Settings,
    writes: bool,  # noqa: FBT001 - a case
) -> None:
    """Three processes write as fast as they can, and this one looks at once at those of whom it hears."""
    told: set[str] = set()
    seen: set[str] = set()
    own: list[str] = []

    async def test(database: Database) -> None:
        connection = connect(sqlite_settings.database_path)

        def changed(owner_id: str | None) -> None:
            if owner_id is None:  # it was too slow
                seen.update(row[0] for row in connection.execute("SELECT owner_id FROM owners"))
            else:
                told.add(owner_id)
                found = connection.execute("SELECT owner_id FROM owners WHERE owner_id = ?", (owner_id,)).fetchall()
                seen.update(row[0] for row in found)

        with closing(connection), database.watch(changed), Writers(sqlite_settings, 3, seconds=2) as writers:
            finished = asyncio.create_task(asyncio.to_thread(writers.acknowledged))
            while writes and not finished.done():
                own.append(await database.write(add(id_ := new_id()), owner_id=id_))
            acknowledged = set[str]().union(*await finished)
            await until(lambda: acknowledged <= seen)
        assert bool(own) == writes
        assert acknowledged
        assert set(own) <= seen
        # And not only by looking at everybody.
        assert len(told & acknowledged) > len(acknowledged) / 2

    run_with(sqlite_settings, test)


def test_a_write_of_nobodys_is_told_to_nobody(sqlite_settings: Settings) -> None:
    async def test(database: Database) -> None:
        heard: list[str | None] = []
        await database.write(add(ONE), owner_id=ONE)
        async with open_database(sqlite_settings) as other:
            with database.watch(heard.append):
                await other.write(advance(ONE), owner_id=ONE)
                await until(lambda: ONE in heard)
                heard.clear()
                # As a log-in does.
                await other.write(add(TWO))
                await other.write(advance(ONE), owner_id=ONE)
                await until(lambda: bool(heard))
                assert set(heard) == {ONE}
                assert {row["owner_id"] for row in await database.all(ALL_OWNERS)} == {ONE, TWO}

    run_with(sqlite_settings, test)
