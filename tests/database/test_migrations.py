"""The migrations: they make the schema of the code, lose nothing, and are done wholly or not at all."""

# ruff: noqa: S608 - these tests write rows and migrations of their own

import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from argon2 import PasswordHasher
from sqlalchemy import Connection

import doable.app  # noqa: F401 - so that every table is in the metadata
from doable.database.migrate import MIGRATIONS, alembic_config, upgrade
from doable.database.naming import metadata
from doable.database.schema import SCHEMA_VERSION
from doable.database.types import Instant, instant_to_text
from doable.errors import Misconfigured
from doable.kinds import KINDS
from doable.settings import Settings
from support.commands import assert_refused
from support.kinds import example
from support.schema import (
    Contents,
    contents,
    execute,
    indexes_on_expressions,
    on_connection,
    rows_of,
    schema,
    settings_of,
    version,
)
from support.server import SECRET, Server, environment
from support.server import doable as run
from support.users import PASSWORD, User, assert_error

ALICE, BOB = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
SESSION = "88888888-8888-4888-8888-888888888888"
AT = "2026-01-02T03:04:05.678901Z"
HASH = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)

# What is written once the database is at a revision. A migration that makes a table adds rows of it here.
SEEDS = {
    "0001": (
        f"INSERT INTO owners (owner_id, revision, tasks) VALUES ('{ALICE}', 3, 2), ('{BOB}', 1, 1)",
        f"""INSERT INTO users (id, email, name, password_hash, created_at) VALUES
        ('{ALICE}', 'alice@example.com', 'Alice', '{HASH}', '{AT}'),
        ('{BOB}', 'bob@example.com', 'Bob', '{HASH}', '{AT}')""",
        f"""INSERT INTO tasks
        (owner_id, sequence, id, title, description, completed_at, created_at, updated_at, revision) VALUES
        ('{ALICE}', 1, '33333333-3333-4333-8333-333333333333', 'Buy oat milk', NULL, '{AT}', '{AT}', '{AT}', 3),
        ('{ALICE}', 2, '44444444-4444-4444-8444-444444444444', 'לקנות 🥛', 'two\nlines', NULL, '{AT}', '{AT}', 2),
        ('{BOB}', 1, '55555555-5555-4555-8555-555555555555', 'It''s Bob''s', '', NULL, '{AT}', '{AT}', 1)""",
        f"INSERT INTO revocations (id, expires_at) VALUES ('66666666-6666-4666-8666-666666666666', '{AT}')",
    ),
    "0002": (
        f"""INSERT INTO tombstones (owner_id, revision, id, removed_at) VALUES
        ('{BOB}', 3, '77777777-7777-4777-8777-777777777777', '{AT}')""",
        f"""INSERT INTO answers (owner_id, idempotency_key, fingerprint, created_at, status, body, etag) VALUES
        ('{ALICE}', 'a key', 'a digest', '{AT}', 204, '', NULL)""",
    ),
    "0003": (
        f"""INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, address) VALUES
        ('{SESSION}', '{ALICE}', '{AT}', '{AT}', '{AT}', 'a browser', '192.0.2.1')""",
        f"INSERT INTO refresh_tokens (digest, session_id, used_at) VALUES ('a digest', '{SESSION}', '{AT}')",
        f"""INSERT INTO api_tokens (id, user_id, name, scopes, digest, created_at, expires_at, last_used_at) VALUES
        ('99999999-9999-4999-8999-999999999999', '{BOB}', 'a script', 'tasks:read', 'a digest', '{AT}', NULL, '{AT}')""",
        f"""INSERT INTO identities (issuer, subject, user_id, created_at) VALUES
        ('https://issuer.example', 'bob', '{BOB}', '{AT}')""",
        f"""INSERT INTO outbox (id, kind, user_id, address, created_at, attempts, due_at) VALUES
        ('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'a kind', '{BOB}', 'bob@example.com', '{AT}', 1, '{AT}')""",
        f"""INSERT INTO mail_tokens (digest, kind, user_id, address, expires_at) VALUES
        ('a digest', 'a kind', '{ALICE}', 'alice@example.com', '{AT}')""",
        f"INSERT INTO attempts (key, count, ends_at) VALUES ('a key', 3, '{AT}')",
    ),
    "0009": (
        f"""INSERT INTO sections
        (owner_id, sequence, id, list_id, name, position, created_at, updated_at, revision) VALUES
        ('{ALICE}', 200, '{uuid.UUID(int=1)}', '{uuid.UUID(int=2)}', 'Dairy', '-', '{AT}', '{AT}', 200)""",
        f"""INSERT INTO tags
        (owner_id, sequence, id, name, key, color, position, created_at, updated_at, revision) VALUES
        ('{ALICE}', 201, '{uuid.UUID(int=3)}', 'Café', 'café', NULL, 'a', '{AT}', '{AT}', 201)""",
        f"INSERT INTO task_tags (owner_id, tag, sequence) VALUES ('{ALICE}', 201, 1)",
        f"""INSERT INTO preferences (owner_id, timezone, week_starts_on, day_reminder_at, reminder_channels, language,
        theme, start_page, digest_at, updated_at, revision) VALUES
        ('{BOB}', 'Europe/Berlin', 'monday', '09:00:00', '[]', 'en', 'system', 'today', '07:00:00', '{AT}', 202)""",
        f"""INSERT INTO undos (owner_id, id, revision, created_at, tasks, stored_bytes, kept_bytes, rows) VALUES
        ('{BOB}', '{uuid.UUID(int=4)}', 203, '{AT}', 0, 0, 2, '[]')""",
    ),
    "0010": (
        f"""INSERT INTO filters
        (owner_id, sequence, id, name, query, position, created_at, updated_at, revision) VALUES
        ('{ALICE}', 210, '{uuid.UUID(int=5)}', 'Soon', 'today', 'a', '{AT}', '{AT}', 210)""",
        f"INSERT INTO task_words (owner_id, sequence, words) VALUES ('{ALICE}', 1, ' milk ')",
        f"INSERT INTO search_states (owner_id, version, revision) VALUES ('{ALICE}', 1, 1)",
    ),
    "0011": (
        f"""INSERT INTO alarms (owner_id, task_id, id, fire_at) VALUES
        ('{ALICE}', '33333333-3333-4333-8333-333333333333', '{uuid.UUID(int=6)}', '2126-01-02T03:04:05.678901Z')""",
        f"""INSERT INTO notifications
        (owner_id, sequence, id, task_id, reminder_id, remind_at, created_at, updated_at, revision) VALUES
        ('{ALICE}', 220, '{uuid.UUID(int=7)}', '33333333-3333-4333-8333-333333333333', '{uuid.UUID(int=6)}',
        '{AT}', '{AT}', '{AT}', 220)""",
        f"""INSERT INTO push_subscriptions (owner_id, id, endpoint, p256dh, auth, server_key, created_at) VALUES
        ('{ALICE}', '{uuid.UUID(int=8)}', 'https://push.example.com/a', 'p256dh', 'auth', 'key', '{AT}')""",
        f"INSERT INTO calendar_tokens (owner_id, digest, created_at) VALUES ('{BOB}', 'a digest', '{AT}')",
        f"""INSERT INTO deliveries (owner_id, id, notification_id, task_id, channel, created_at, attempts, due_at) VALUES
        ('{ALICE}', '{uuid.UUID(int=9)}', '{uuid.UUID(int=7)}', '33333333-3333-4333-8333-333333333333', 'email', '{AT}',
        0, '2126-01-02T03:04:05.678901Z')""",
    ),
    "0012": (
        f"""INSERT INTO imports
        (owner_id, id, created_at, expires_at, filename, format, digest, state, total, done, slices, next_slice, kinds,
        not_understood, removed, stayed) VALUES
        ('{ALICE}', '{uuid.UUID(int=10)}', '{AT}', '2126-01-02T03:04:05.678901Z', 'a.csv', 'csv', 'a digest', 'done', 1, 1,
        1, 1, '{{}}', '{{}}', 0, '{{}}')""",
        f"""INSERT INTO import_slices (owner_id, import_id, number, things) VALUES
        ('{ALICE}', '{uuid.UUID(int=10)}', 0, '[]')""",
    ),
    "0013": (
        f"""INSERT INTO departures (owner_id, revision, list_id, ical_name, removed_at) VALUES
        ('{ALICE}', 230, '{ALICE}', 'a.ics', '{AT}')""",
        f"""INSERT INTO ical_objects
        (owner_id, sequence, id, list_id, ical_name, ical_uid, component, ical_text, created_at, updated_at, revision) VALUES
        ('{ALICE}', 231, '{uuid.UUID(int=11)}', '{uuid.UUID(int=2)}', 'b.ics', 'b', 'VEVENT', 'BEGIN:VCALENDAR', '{AT}', '{AT}',
        231)""",
    ),
}

# The columns of kinds that are younger than their tables.
ADDED = {"dav_name", "components", "dav_properties"}


def seeds(settings: Settings, revision: str) -> list[str]:
    """What is written at this revision: what is said above, and of each kind whose table is new a row for each of two users."""
    found, there = list(SEEDS.get(revision, ())), contents(settings)
    for kind in KINDS:
        table = kind.repository.table
        is_seeded = any(f"INTO {table.name}\n" in each for each in found)
        if table.name in there and not there[table.name] and not is_seeded and revision != "0001":
            for sequence, owner_id in enumerate((ALICE, BOB), start=100):
                stamped = {"owner_id": owner_id, "sequence": sequence, "id": str(uuid.uuid4()), "revision": sequence}
                row = (
                    {column.name: None for column in table.columns}
                    | {"position": "0", **example(kind.create)}
                    | stamped
                )
                row |= {column.name: AT for column in table.columns if isinstance(column.type, Instant)}
                names = [column.name for column in table.columns if column.name not in ADDED]
                columns = ", ".join(f'"{name}"' for name in names)
                values = ", ".join(literal_of(row[name]) for name in names)
                found.append(f"INSERT INTO {table.name} ({columns}) VALUES ({values})")
    return found


def literal_of(value: object) -> str:
    """The value as SQL has it."""
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(int(value))
    return "'{}'".format(str(value).replace("'", "''"))


HEADER = """
import pathlib, time
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"
"""
# Both tables that others refer to are made anew on SQLite, where that is how a column is changed.
REBUILD = (
    HEADER
    + """
def upgrade():
    how = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("owners", recreate=how) as owners:
        owners.add_column(sa.Column("colour", sa.Text(), server_default="blue", nullable=False))
    with op.batch_alter_table("users", recreate=how) as users:
        users.alter_column("name", existing_type=sa.Text(), nullable=True)
"""
)
HALF = (
    HEADER
    + """
def upgrade():
    op.create_table("halves", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("UPDATE tasks SET title = 'lost'")
    op.execute("DELETE FROM users")
"""
)


@pytest.fixture(autouse=True)
def every_database_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "migrated_data", None)


@pytest.fixture
def environ(tmp_path: Path, new_database_settings: Callable[[], dict[str, str]]) -> dict[str, str]:
    """The settings of a new empty database, as environment variables."""
    return {"DATA_DIR": str(tmp_path / "data"), **new_database_settings()}


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return settings_of(environ)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test adds one."""
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for migration in copy.glob("versions/*.py"):
        if migration.name[:4] > "0001":
            migration.unlink()
    return copy


def assert_kept(before: Contents, after: Contents) -> None:
    """Every row is there that was there, with the same values in the columns that are there still."""
    for table, rows in before.items():
        # No longer a table: the sessions keep what they must know of refresh tokens.
        if table in {"alembic_version", "refresh_tokens"}:
            continue
        assert len(after[table]) == len(rows), table
        kept = [name for name in (rows[0] if rows else {}) if name in after[table][0]]
        assert sorted(repr([row[name] for name in kept]) for row in after[table]) == sorted(
            repr([row[name] for name in kept]) for row in rows
        ), table


def seeded(settings: Settings, migrations: Path) -> Contents:
    """A database at 0001 with two users and their tasks."""
    settings.data_dir.mkdir(mode=0o700, exist_ok=True)
    upgrade(alembic_config(settings, migrations), "0001")
    execute(settings, *SEEDS["0001"])
    return contents(settings)


def test_migrate_makes_the_schema_once(environ: dict[str, str], settings: Settings, tmp_path: Path) -> None:
    first = run("migrate", cwd=tmp_path, **environ)
    assert first.returncode == 0, first.stderr
    assert first.stderr == f"{settings.database_name} is at version {SCHEMA_VERSION}.\n"
    assert version(settings) == [SCHEMA_VERSION]
    # Something that a second run of any migration would undo or trip over.
    execute(settings, *SEEDS["0001"][:1], *SEEDS["0001"][2:3])
    before = contents(settings)
    second = run("migrate", cwd=tmp_path, **environ)
    assert (second.returncode, second.stderr) == (0, first.stderr)
    assert contents(settings) == before


def test_serve_makes_the_schema_once(environ: dict[str, str], tmp_path: Path) -> None:
    server = Server(tmp_path, **environ)
    with server:
        assert "is at version" in server.log
        with closing(User(server.url)) as user:
            task = user.new_task()
    with server, httpx.Client(headers=user.headers) as client:
        assert server.log.count("is at version") == 1
        assert client.get(f"{server.url}{user.tasks}/{task['id']}").json() == task


# SQLAlchemy cannot read back an index on an expression of SQLite's: the next test compares those.
expressions = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index",
    "ignore:autogenerate skipping metadata-specified expression-based index",
)


@expressions
def test_autogenerate_finds_no_difference(environ: dict[str, str], settings: Settings, tmp_path: Path) -> None:
    assert run("migrate", cwd=tmp_path, **environ).returncode == 0

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    assert on_connection(settings, differences) == []


@expressions
def test_the_migrated_schema_is_the_one_in_the_code(
    environ: dict[str, str], settings: Settings, tmp_path: Path, new_database_settings: Callable[[], dict[str, str]]
) -> None:
    """Also in what autogenerate does not compare: primary keys, checks, and every name."""
    assert run("migrate", cwd=tmp_path, **environ).returncode == 0
    other = settings_of({"DATA_DIR": str(tmp_path), **new_database_settings()})
    on_connection(other, metadata.create_all)
    migrated = on_connection(settings, schema)
    assert migrated == on_connection(other, schema)
    assert on_connection(settings, indexes_on_expressions) == on_connection(other, indexes_on_expressions)
    assert set(migrated) == set(metadata.tables)


def test_revisions_are_numbered_in_sequence_up_to_the_version_of_the_code() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    revisions = list(reversed(list(scripts.walk_revisions())))
    assert [each.revision for each in revisions] == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    assert [each.down_revision for each in revisions] == [None, *(each.revision for each in revisions[:-1])]
    assert all(Path(each.path).name.startswith(f"{each.revision}_") for each in revisions)
    assert scripts.get_heads() == [SCHEMA_VERSION]
    # A migration that older code can work with promises nothing about an earlier one that older code cannot work with.
    oldest = [getattr(each.module, "compatible_down_to", each.revision) for each in revisions]
    assert oldest == sorted(oldest)
    assert all(old <= each.revision for old, each in zip(oldest, revisions, strict=True))


def test_every_migration_keeps_every_row(environ: dict[str, str], settings: Settings, tmp_path: Path) -> None:
    settings.data_dir.mkdir(mode=0o700)
    before: Contents = {}
    for number in range(1, int(SCHEMA_VERSION) + 1):
        revision = f"{number:04}"
        upgrade(alembic_config(settings), revision)
        assert version(settings) == [revision]
        assert_kept(before, contents(settings))
        execute(settings, *seeds(settings, revision))
        before = contents(settings)
    assert [row["digest_due_at"] is not None for row in before["preferences"]] == [True], (
        "nobody would look for the digest"
    )
    assert [table for table, rows in before.items() if not rows] == [], "a table without rows shows nothing: add SEEDS"
    with Server(tmp_path, **environ) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        for email, titles in (("alice@example.com", ["לקנות 🥛", "Buy oat milk"]), ("bob@example.com", ["It's Bob's"])):
            login = client.post("/api/auth/login", json={"email": email, "password": PASSWORD})
            token = login.json()["access_token"]
            page = client.get("/api/me/tasks", headers={"Authorization": f"Bearer {token}"}).json()
            assert [task["title"] for task in page["tasks"]] == titles
            assert page["total"] == len(titles)


def test_sessions_end_with_their_last_access_token(settings: Settings) -> None:
    """Their refresh tokens are no longer good; until their access tokens expire, in 30 minutes, they can be listed and ended."""
    settings.data_dir.mkdir(mode=0o700)
    upgrade(alembic_config(settings), "0004")
    execute(settings, *SEEDS["0001"])
    sessions = {
        "88888888-8888-4888-8888-000000000001": ("2026-01-16T03:04:05.678901Z", "2026-01-02T03:34:05.678901Z"),
        "88888888-8888-4888-8888-000000000002": ("2026-01-02T03:34:05.678900Z", "2026-01-02T03:34:05.678900Z"),
    }
    for session_id, (expires_at, _) in sessions.items():
        values = f"'{session_id}', '{ALICE}', '{AT}', '{AT}', '{expires_at}'"
        execute(settings, f"INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at) VALUES ({values})")
    upgrade(alembic_config(settings), "0005")
    found = {str(row["id"]): row["expires_at"] for row in rows_of(settings, "sessions")}
    texts = {key: at if isinstance(at, str) else instant_to_text(at) for key, at in found.items()}
    assert texts == {session_id: expected for session_id, (_, expected) in sessions.items()}


def test_tables_that_others_refer_to_can_be_rebuilt(settings: Settings, migrations: Path) -> None:
    """On SQLite with foreign keys on, the rebuild of `owners` would delete every user and task."""
    before = seeded(settings, migrations)
    keys_before = {table: parts[2] for table, parts in on_connection(settings, schema).items()}
    (migrations / "versions/0002_rebuild.py").write_text(REBUILD)
    upgrade(alembic_config(settings, migrations), "head")
    after = contents(settings)
    assert version(settings) == ["0002"]
    assert [len(after[table]) for table in ("owners", "users", "tasks")] == [2, 2, 3]
    assert_kept(before, after)
    assert [row["colour"] for row in after["owners"]] == ["blue", "blue"]
    assert {table: parts[2] for table, parts in on_connection(settings, schema).items()} == keys_before


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return settings_of({"DATA_DIR": str(tmp_path / "data")})


def test_a_migration_that_breaks_a_foreign_key_is_refused(sqlite_settings: Settings, migrations: Path) -> None:
    """Foreign keys are off while SQLite is migrated, so they are looked at before the end."""
    before = seeded(sqlite_settings, migrations)
    breaking = f"{REBUILD}\n    op.execute(\"DELETE FROM owners WHERE owner_id = '{ALICE}'\")\n"
    (migrations / "versions/0002_break.py").write_text(breaking)
    with pytest.raises(Misconfigured, match="3 rows would refer to rows that do not exist"):
        upgrade(alembic_config(sqlite_settings, migrations), "head")
    assert contents(sqlite_settings) == before
    assert "colour" not in before["owners"][0]


def test_a_migration_that_fails_changes_nothing(settings: Settings, migrations: Path) -> None:
    before = seeded(settings, migrations)
    failing = migrations / "versions/0002_fail.py"
    failing.write_text(f"{HALF}    op.execute(\"INSERT INTO nowhere VALUES ('hunter2')\")\n")
    with pytest.raises(Misconfigured, match=r"The migration failed, and the database is as it was.*nowhere") as refusal:
        upgrade(alembic_config(settings, migrations), "head")
    assert "hunter2" not in str(refusal.value)
    assert contents(settings) == before
    failing.write_text(REBUILD)
    upgrade(alembic_config(settings, migrations), "head")
    assert_kept(before, contents(settings))


def test_a_process_killed_in_a_migration_leaves_the_database_as_it_was(
    environ: dict[str, str], settings: Settings, migrations: Path, tmp_path: Path
) -> None:
    before = seeded(settings, migrations)
    reached = tmp_path / "reached"
    waiting = migrations / "versions/0002_wait.py"
    waiting.write_text(f"{HALF}    pathlib.Path({str(reached)!r}).touch()\n    time.sleep(600)\n")
    script = (
        "import sys; from pathlib import Path; from doable.database.migrate import alembic_config, upgrade; "
        "from doable.settings import Settings; upgrade(alembic_config(Settings.load(), Path(sys.argv[1])), 'head')"
    )
    process = subprocess.Popen([sys.executable, "-c", script, migrations], env=environment(**environ), cwd=tmp_path)
    deadline = time.monotonic() + 30
    while not reached.exists():
        assert process.poll() is None, "the migration ended before it could be killed"
        assert time.monotonic() < deadline, "the migration did not begin"
        time.sleep(0.01)
    process.kill()
    assert process.wait(timeout=30) == -signal.SIGKILL
    assert contents(settings) == before
    waiting.write_text(REBUILD)
    upgrade(alembic_config(settings, migrations), "head")
    assert version(settings) == ["0002"]
    assert_kept(before, contents(settings))


def test_processes_that_migrate_at_once_make_one_schema(
    environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as threads:
        ended = [*threads.map(lambda _: run("migrate", cwd=tmp_path, **environ), range(4))]
    assert [each.returncode for each in ended] == [0] * 4, ended
    assert [each.stderr for each in ended] == [f"{settings.database_name} is at version {SCHEMA_VERSION}.\n"] * 4
    assert version(settings) == [SCHEMA_VERSION]
    assert set(contents(settings)) == {*metadata.tables, "alembic_version"}


def test_servers_that_start_at_once_make_one_schema(
    environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    servers = [Server(tmp_path / name, *options, **environ) for name, *options in (("one", "--workers", "2"), ("two",))]
    with ExitStack() as stack:
        with ThreadPoolExecutor(2) as threads:
            for server in threads.map(stack.enter_context, servers):
                assert httpx.get(f"{server.url}/readyz", timeout=30).status_code == 200
        with closing(User(servers[0].url)) as user:
            task = user.new_task()
            elsewhere = httpx.get(
                f"{servers[1].url}{user.tasks}/{task['id']}", headers={"Authorization": f"Bearer {user.token}"}
            )
            assert elsewhere.json() == task
    assert version(settings) == [SCHEMA_VERSION]


def test_a_database_newer_than_the_code_is_refused(environ: dict[str, str], settings: Settings, tmp_path: Path) -> None:
    with Server(tmp_path, **environ) as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        execute(settings, "UPDATE alembic_version SET version_num = '9999', compatible_down_to = '9998'")
        before = contents(settings)
        for command in (
            ["serve", "--port", "0"],
            ["migrate"],
            ["users", "list"],
            ["users", "add", "carol@example.com"],
            ["users", "remove", "--yes", "alice@example.com"],
        ):
            result = run(*command, cwd=tmp_path, **{**environ, "SECRET_KEY": SECRET})
            assert_refused(result, "9999", SCHEMA_VERSION, "Install the newer Doable again, or restore a backup")
        assert contents(settings) == before
        assert_error(httpx.get(f"{server.url}/readyz"), 503, "unavailable")
        assert httpx.get(f"{server.url}/livez").status_code == 200
        versions = f"version_num = '{SCHEMA_VERSION}', compatible_down_to = '{SCHEMA_VERSION}'"
        execute(settings, f"UPDATE alembic_version SET {versions}")
        assert httpx.get(f"{server.url}/readyz").status_code == 200
