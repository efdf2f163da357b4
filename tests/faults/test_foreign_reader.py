"""Somebody who reads the SQLite file for a long time has its log grow; when they have gone, it is small again."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from doable.database.sqlite.driver import connect
from faults.conftest import measured
from support.server import Server
from support.users import TLS, User

MEGABYTE = 1024 * 1024
GROWN, SMALL = 200 * MEGABYTE, 64 * MEGABYTE
MANY = {"operations": [{"op": "create", "task": {"title": "t" * 200, "description": "d" * 2000}}] * 500}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, "--workers", "2") as running:
        yield running


class Waits:
    """How long each write of one user takes, for as long as it lasts."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._stopped = threading.Event()
        self.seconds: list[float] = []

    def write(self) -> None:
        headers = {"Authorization": f"Bearer {self._user.token}"}
        with httpx.Client(base_url=str(self._user.base_url), headers=headers, timeout=30, verify=TLS) as client:
            while not self._stopped.is_set():
                started = time.monotonic()
                assert client.post(self._user.tasks, json={"title": "a"}).status_code == 201
                self.seconds.append(time.monotonic() - started)

    def stop(self) -> None:
        self._stopped.set()


def test_the_log_shrinks_within_a_minute_and_no_write_waits_for_it(server: Server) -> None:
    path = Path(server.settings["DATA_DIR"]) / "doable.db"
    log = path.with_name("doable.db-wal")
    with closing(User(server.url)) as alice, closing(User(server.url)) as bob, ThreadPoolExecutor(1) as pool:
        with closing(connect(path)) as reader:
            reader.execute("BEGIN")
            (before,) = reader.execute("SELECT count(*) FROM tasks").fetchall()
            while log.stat().st_size < GROWN:
                assert alice.post(f"{alice.tasks}/batch", json=MANY, timeout=60).status_code == 200
            assert reader.execute("SELECT count(*) FROM tasks").fetchall() == [before]
            waits = Waits(bob)
            running = pool.submit(waits.write)
            reader.execute("ROLLBACK")
        started = time.monotonic()
        try:
            while log.stat().st_size > SMALL:
                assert time.monotonic() < started + 60
                time.sleep(0.05)
            shrunk = time.monotonic() - started
        finally:
            waits.stop()
        running.result()
        measured(
            f"a log of {GROWN // MEGABYTE} MB",
            f"at most {SMALL // MEGABYTE} MB {shrunk:.1f} s after the reader has gone; of {len(waits.seconds)} writes "
            f"meanwhile the slowest took {max(waits.seconds) * 1000:.0f} ms",
        )
        assert max(waits.seconds) < 2
