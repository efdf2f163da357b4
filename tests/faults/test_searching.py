"""Processes that are killed while they make the words of a large account."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection

from faults.conftest import measured
from support.postgresql import PostgreSQL
from support.schema import execute, on_connection, settings_of
from support.server import Server
from support.users import User
from support.workers import children, workers

TASKS = 100_000
KILLS = 4


@pytest.fixture(params=["sqlite", "postgresql-18"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    settings = {}
    if request.param != "sqlite":
        postgresql: PostgreSQL = request.getfixturevalue("postgresql_18")
        settings["DATABASE_URL"] = postgresql.new_database()
    with Server(tmp_path, "--workers", "2", **settings) as running:
        yield running


def fill(server: Server, user: User) -> None:
    """Many tasks, past HTTP."""
    is_sqlite = settings_of(server).postgresql_url is None
    series = (
        f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {TASKS}) SELECT n FROM s)"  # noqa: S608 - a constant
        if is_sqlite
        else f"(SELECT generate_series(1, {TASKS}) AS n)"
    )
    an_id = (
        "printf('00000000-0000-4000-8000-%012d', n)"
        if is_sqlite
        else "('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid"
    )
    made = user.new_task("the first")
    execute(
        settings_of(server),
        "INSERT INTO tasks (owner_id, sequence, id, title, created_at, updated_at, revision) "  # noqa: S608 - constants
        f"SELECT owner_id, 1 + n, {an_id}, 'number' || n, created_at, created_at, 1 + n "
        f"FROM (SELECT owner_id, created_at FROM tasks WHERE id = '{made['id']}') AS one, {series} AS s",
        f"UPDATE owners SET revision = {TASKS + 1}, tasks = {TASKS + 1} WHERE owner_id = '{user.id}'",  # noqa: S608 - as above
    )


def stored(server: Server, user: User) -> tuple[int, int]:
    """How many words there are, and up to which revision they are said to be."""

    def read(connection: Connection) -> tuple[int, int]:
        words = f"SELECT count(*) FROM task_words WHERE owner_id = '{user.id}'"  # noqa: S608 - a test's
        state = f"SELECT coalesce(max(revision), 0) FROM search_states WHERE owner_id = '{user.id}'"  # noqa: S608 - as above
        return connection.exec_driver_sql(words).scalar_one(), connection.exec_driver_sql(state).scalar_one()

    return on_connection(settings_of(server), read)


def search(server: Server, user: User) -> None:
    """In the middle of which its process may die."""
    with suppress(httpx.TransportError), httpx.Client(base_url=server.url, headers=user.headers, timeout=30) as client:
        client.get(user.tasks, params={"q": "number7"})


def test_words_are_made_to_the_end_by_whoever_searches_next(server: Server) -> None:
    with closing(User(server.url)) as user, ThreadPoolExecutor(1) as thread:
        fill(server, user)
        reached: list[int] = []
        for _ in range(KILLS):
            before = stored(server, user)[0]
            searching = thread.submit(search, server, user)
            while not searching.done() and stored(server, user)[0] == before:
                pass
            for pid in children(server):
                os.kill(pid, signal.SIGKILL)
            searching.result()
            words, revision = stored(server, user)
            # A portion is there with its state, or not at all.
            assert revision == words
            reached.append(words)
            workers(server)
        measured(f"Words of {TASKS:,} tasks after each of {KILLS} kills", str(reached))
        assert reached[0] < TASKS
        found = user.get(user.tasks, params={"q": "number77", "sort": "created_at", "total": True, "limit": 2}).json()
        assert [task["title"] for task in found["tasks"]] == ["number77", "number770"]
        assert found["total"] == sum(str(number).startswith("77") for number in range(TASKS + 1))
        assert stored(server, user) == (TASKS + 1, TASKS + 1)
