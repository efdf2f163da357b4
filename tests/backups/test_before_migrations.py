"""Before the embedded database is migrated, a backup of it is made."""

import gzip
import shutil
from pathlib import Path

import pytest

from database.conftest import migrated
from doable.backups import restoring, sqlite
from doable.database.migrate import migrate
from doable.database.schema import SCHEMA_VERSION
from doable.database.sqlite.backup import KEPT
from doable.errors import Misconfigured
from doable.settings import Settings
from support.commands import assert_refused, on_full_disk
from support.schema import contents, rows_of, version

FIRST_VERSION = Path(__file__).parents[1] / "first_version/sqlite/doable.db.gz"


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """The settings of a database of the first version."""
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    put_first_version(settings)
    return settings


def put_first_version(settings: Settings) -> None:
    settings.data_dir.mkdir(mode=0o700, exist_ok=True)
    settings.database_path.write_bytes(gzip.decompress(FIRST_VERSION.read_bytes()))


def kept(settings: Settings) -> list[Path]:
    return sorted((settings.data_dir / "backups").glob("*"))


def test_it_is_of_the_state_before_and_can_be_restored(old: Settings) -> None:
    before = contents(old)
    assert migrate(old) == SCHEMA_VERSION
    (backup,) = kept(old)
    assert backup.name.startswith("before-migration-of-0003-20")
    assert backup.stat().st_mode & 0o777 == 0o600
    examined = sqlite.examine(backup)
    assert (examined.schema.version, examined.users) == ("0003", len(before["users"]))
    assert contents(old.model_copy(update={"data_dir": of_one(backup)})) == before
    # A restore migrates the older backup.
    migrated_titles = {row["id"]: row["title"] for row in rows_of(old, "tasks")}
    restoring.restore(old, backup, revoke_api_tokens=False)
    assert version(old) == [SCHEMA_VERSION]
    assert {row["id"]: row["title"] for row in rows_of(old, "tasks")} == migrated_titles
    assert not rows_of(old, "sessions")
    # What was the database is kept, and no further backup was made for the migration of the copy.
    assert [path.name[:15] for path in kept(old)] == ["before-migratio", "before-restore-"]


def of_one(backup: Path) -> Path:
    """A folder with the backup as its database."""
    folder = backup.parents[2] / "one"
    folder.mkdir()
    shutil.copy(backup, folder / "doable.db")
    return folder


def test_a_new_database_and_one_that_is_migrated_need_none(tmp_path: Path) -> None:
    settings = migrated(data_dir=tmp_path / "data")
    migrate(settings)
    assert kept(settings) == []


def test_the_newest_are_kept(old: Settings) -> None:
    made = []
    for _ in range(KEPT + 1):
        for suffix in ("-wal", "-shm"):
            old.database_path.with_name(f"doable.db{suffix}").unlink(missing_ok=True)
        put_first_version(old)
        migrate(old)
        made.append(kept(old)[-1])
    assert kept(old) == made[1:]


def test_without_it_the_migration_does_not_begin(old: Settings, tmp_path: Path) -> None:
    before = contents(old)
    (old.data_dir / "backups").write_text("a diary")
    with pytest.raises(Misconfigured, match="backups cannot be used: it is not a folder"):
        migrate(old)
    assert contents(old) == before
    (old.data_dir / "backups").unlink()
    (old.data_dir / "backups").mkdir()
    full = on_full_disk(64, "migrate", cwd=tmp_path, DATA_DIR=str(old.data_dir))
    assert_refused(
        full, "The migration has not begun, since a backup is made before it. The backup ", " cannot be made: "
    )
    assert contents(old) == before
    assert kept(old) == []
    assert migrate(old) == SCHEMA_VERSION
