"""Processes that are killed while many reminders come: in the end there are as many notifications as reminders."""

import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from faults.conftest import measured
from support.changes import batch
from support.postgresql import PostgreSQL
from support.schema import on_connection, settings_of
from support.server import Server
from support.users import User
from support.workers import children

OWNERS = 30
REMINDERS = 100
"""Of each of them."""
AHEAD = timedelta(seconds=60)
KILLS = 30


@pytest.fixture(params=["sqlite", "postgresql-18"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    settings: dict[str, str] = {}
    if request.param != "sqlite":
        postgresql: PostgreSQL = request.getfixturevalue("postgresql_18")
        settings["DATABASE_URL"] = postgresql.new_database()
    with Server(tmp_path, "--workers", "3", **settings) as running:
        yield running


def counts(server: Server) -> tuple[int, int, int, int]:
    """The alarms that are left; the notifications, and of how many reminders they are; and revisions that two rows have."""

    def read(connection: Connection) -> tuple[int, int, int, int]:
        def number(sql: str) -> int:
            return int(connection.exec_driver_sql(sql).scalar_one())

        both = "SELECT owner_id, revision FROM notifications UNION ALL SELECT owner_id, revision FROM tasks"
        twice = f"SELECT 1 FROM ({both}) AS r GROUP BY owner_id, revision HAVING count(*) > 1"  # noqa: S608 - a constant
        return (
            number("SELECT count(*) FROM alarms"),
            number("SELECT count(*) FROM notifications"),
            number("SELECT count(*) FROM (SELECT DISTINCT owner_id, task_id, reminder_id FROM notifications) AS one"),
            number(f"SELECT count(*) FROM ({twice}) AS d"),  # noqa: S608 - as above
        )

    return on_connection(settings_of(server), read)


def test_each_comes_once_through_kills(server: Server) -> None:
    at = datetime.now(UTC) + AHEAD
    reminders = [{"id": str(uuid.uuid4()), "at": at.isoformat().replace("+00:00", "Z")} for _ in range(4)]
    for _ in range(OWNERS):
        with closing(User(server.url)) as user:
            new = {"op": "create", "task": {"title": "a", "reminders": reminders}}
            batch(user, *[new] * (REMINDERS // len(reminders)))
    expected = OWNERS * REMINDERS
    assert counts(server) == (expected, 0, 0, 0)
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    kills = 0
    deadline = time.monotonic() + 120
    while (left := counts(server))[0]:
        assert time.monotonic() < deadline, left
        there = children(server)
        if kills < KILLS and there:
            with suppress(ProcessLookupError):
                os.kill(there[kills % len(there)], signal.SIGKILL)
                kills += 1
        time.sleep(0.05)
    measured(f"{expected:,} reminders through kills", str(kills))
    assert kills
    assert counts(server) == (0, expected, expected, 0)
