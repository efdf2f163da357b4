"""The write-ahead log, while somebody else reads and after."""

from contextlib import closing

import pytest

from database.works import add, is_stored, new_id, run_with, until
from doable.database.sqlite import log
from doable.database.sqlite.database import SQLiteDatabase
from doable.database.sqlite.driver import connect
from doable.settings import Settings

SMALL = 128 * 1024


def test_it_is_small_again_when_nobody_else_reads(sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_LOG_BYTES", SMALL)
    monkeypatch.setattr(log, "INTERVAL_SECONDS", 0.05)
    path = sqlite_settings.database_path
    wal = path.with_name(f"{path.name}-wal")

    async def test(database: SQLiteDatabase) -> None:
        ids = []

        async def write_until(size: int) -> None:
            while wal.stat().st_size < size:
                ids.append(new_id())
                await database.write(add(ids[-1]))

        with closing(connect(path)) as other:
            other.execute("BEGIN")
            seen = other.execute("SELECT count(*) FROM owners").fetchall()
            await write_until(4 * SMALL)
            # It goes on, and what the other reads does not change.
            await write_until(5 * SMALL)
            assert other.execute("SELECT count(*) FROM owners").fetchall() == seen
            other.execute("ROLLBACK")
            await until(lambda: wal.stat().st_size <= SMALL)
        ids.append(new_id())
        await database.write(add(ids[-1]))
        assert all([await is_stored(database, owner_id) for owner_id in ids])
        # From here on a COMMIT copies it again.
        await until(lambda: database._writer.checkpoints)  # noqa: SLF001 - nothing else tells

    run_with(sqlite_settings, test)
