"""Several processes on one file, and processes that end in the middle of it."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from sqlalchemy import select

from database.works import run_with
from doable.database import Database, Row, Statement
from doable.database.sqlite.driver import safe_for_several_processes, sqlite3
from doable.owned.tables import owners
from doable.settings import Settings
from support.server import Server, environment
from support.users import PASSWORD, User

TESTS = Path(__file__).parents[1]
CLIENTS = 8
ALL_OWNERS = Statement(select(owners.c.owner_id))


several = pytest.mark.skipif(
    not safe_for_several_processes(), reason=f"SQLite {sqlite3.sqlite_version} may be used by one process only"
)


class Writers:
    """Processes that write side by side, from the moment when all of them are ready."""

    def __init__(self, settings: Settings, number: int, *, seconds: float) -> None:
        program = Path(__file__).with_name("write_for_a_while.py")
        self._settings = settings
        self.processes = [
            subprocess.Popen(
                [sys.executable, program, settings.data_dir, str(seconds)],
                env=environment(PYTHONPATH=str(TESTS)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(number)
        ]

    def __enter__(self) -> Self:
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            with process:
                process.kill()

    def acknowledged(self) -> list[set[str]]:
        """What each was told is stored, in the end."""
        with ThreadPoolExecutor(len(self.processes)) as threads:
            outputs = threads.map(lambda process: process.communicate(timeout=60)[0], self.processes)
            return [set(output.split()) for output in outputs]

    def stored(self) -> set[str]:
        """What is in the database."""

        async def find(database: Database) -> list[Row]:
            return await database.all(ALL_OWNERS)

        return {row["owner_id"] for row in run_with(self._settings, find)}


@several
def test_four_processes_get_equal_shares_and_lose_nothing(sqlite_settings: Settings) -> None:
    with Writers(sqlite_settings, 4, seconds=3) as writers:
        acknowledged = writers.acknowledged()
        assert [process.returncode for process in writers.processes] == [0] * 4
    shares = [len(ids) for ids in acknowledged]
    assert min(shares) >= sum(shares) / 4 / 2, shares
    stored = writers.stored()
    assert set().union(*acknowledged) <= stored
    # Nor is anything there that nobody asked for, but each process's first.
    assert len(stored) == sum(shares) + 4


@several
def test_a_process_that_is_killed_leaves_the_turn_to_the_others(sqlite_settings: Settings) -> None:
    with Writers(sqlite_settings, 3, seconds=1) as writers:
        # Most likely it is in the middle of a batch, or waits for its turn.
        writers.processes[0].kill()
        acknowledged = writers.acknowledged()
        assert [process.returncode for process in writers.processes] == [-signal.SIGKILL, 0, 0]
    assert all(acknowledged[1:])
    assert set().union(*acknowledged) <= writers.stored()


class Creators:
    """Clients that create tasks side by side until the server is gone; knows the id of each that was acknowledged."""

    def __init__(self, user: User) -> None:
        self.acknowledged: list[str] = []
        self.other_answers: list[tuple[int, str]] = []
        self._user = user
        self._threads = [threading.Thread(target=self._create) for _ in range(CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, number: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < number:
            assert time.monotonic() < deadline, (len(self.acknowledged), self.other_answers)
            time.sleep(0.005)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _create(self) -> None:
        with httpx.Client(base_url=self._user.base_url, headers=self._user.headers, timeout=30) as client:
            while True:
                try:
                    answer = client.post(self._user.tasks, json={"title": "Buy oat milk"})
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.acknowledged.append(answer.json()["id"])
                else:
                    self.other_answers.append((answer.status_code, answer.text))


def stored_tasks(user: User) -> list[str]:
    # The server is a new process and the user's connections are to the old one.
    with httpx.Client(base_url=user.base_url, timeout=30) as client:
        login = client.post("/api/auth/login", json={"email": user.email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        found: list[str] = []
        while True:
            page: dict[str, Any] = client.get(user.tasks, params={"limit": 100, "offset": len(found)}).json()
            if not page["tasks"]:
                assert page["total"] == len(found)
                return found
            found += [task["id"] for task in page["tasks"]]


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=several)])
@pytest.mark.parametrize("end", ["SIGTERM", "SIGKILL"])
def test_every_task_that_was_acknowledged_is_there_after_the_end(tmp_path: Path, end: str, workers: str) -> None:
    server = Server(tmp_path, "--workers", workers)
    stop: Callable[[], int | None] = server.stop if end == "SIGTERM" else server.kill
    with server:
        with closing(User(server.url)) as user:
            creators = Creators(user)
            creators.start()
            creators.wait_for(200)
            assert stop() == (0 if end == "SIGTERM" else None)
            creators.join()
        assert all(status == 503 for status, _ in creators.other_answers), creators.other_answers
        assert "Traceback" not in server.log
        server.start()
        stored = stored_tasks(user)
    assert len(stored) == len(set(stored))
    assert set(creators.acknowledged) <= set(stored)
    # At most what each client had asked for when the end came was stored without an answer.
    assert len(stored) <= len(creators.acknowledged) + CLIENTS
