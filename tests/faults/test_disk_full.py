"""A disk that fills while many write, and has room again: a small file system of its own, under each database."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from doable.database.sqlite.driver import sqlite3
from faults.conftest import measured
from support.mail import about
from support.postgresql import PostgreSQL
from support.server import Server
from support.users import PASSWORD, TLS, User, assert_error

WRITERS = 8
MEGABYTE = 1024 * 1024
NEW = {"If-None-Match": "*"}
FULL, ROOM = "The disk of the database is full", "There is room on the disk of the database again"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """An empty file system of 48 MB, that PostgreSQL's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="doable-disk-"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m,mode=0777", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here, so no disk was filled: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@pytest.fixture(params=["sqlite", "postgresql-18"])
def server(request: pytest.FixtureRequest, small_disk: Path, tmp_path: Path) -> Iterator[Server]:
    """A server whose database is on the small disk; its log and its mails are not."""
    if request.param == "sqlite":
        settings = {"DATA_DIR": str(small_disk / "data")}
    else:
        postgresql: PostgreSQL = request.getfixturevalue("postgresql_18")
        folder = small_disk / "tablespace"
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        name = f"small_{uuid.uuid4().hex}"
        postgresql.sql(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        postgresql.sql(f"CREATE DATABASE {name} TABLESPACE {name}")
        settings = {"DATABASE_URL": postgresql.url(name)}
    with Server(tmp_path / "server", ACCESS_TOKEN_EXPIRE_MINUTES="60", **settings) as running:
        yield running
    if request.param != "sqlite":
        postgresql.sql(f"DROP DATABASE {name} WITH (FORCE)")
        postgresql.sql(f"DROP TABLESPACE {name}")


def fill(disk: Path) -> None:
    """Take all the room that there is."""
    with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(MEGABYTE // 16))


class Writers:
    """Many who each make tasks with ids of their own, until they are told to stop."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.codes: Counter[str] = Counter()
        self.stopped = threading.Event()

    def write(self) -> None:
        headers = {"Authorization": f"Bearer {self.user.token}", **NEW}
        with httpx.Client(base_url=str(self.user.base_url), headers=headers, timeout=30, verify=TLS) as client:
            while not self.stopped.is_set():
                id_ = str(uuid.uuid4())
                key = {"Idempotency-Key": id_}
                body = {"title": id_, "description": "d" * 1900}
                answer = client.put(f"{self.user.tasks}/{id_}", json=body, headers=key)
                if answer.status_code == 201:
                    self.acknowledged.add(id_)
                else:
                    assert answer.status_code == 503, answer.text
                    self.refused.add(id_)
                    self.codes[answer.json()["code"]] += 1


def until(holds: Callable[[], object], seconds: float = 30) -> float:
    """Wait until it holds; how long that took."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() < started + seconds
        time.sleep(0.02)
    return time.monotonic() - started


def ids_of(user: User) -> set[str]:
    changes = user.get(f"/api/{user.id}/changes", params={"limit": 500})
    found: set[str] = set()
    while True:
        found |= {change["id"] for change in changes.json()["changes"] if not change["deleted"]}
        if not changes.json()["has_more"]:
            return found
        changes = user.get(changes.links["next"]["url"])


def test_writes_are_refused_until_there_is_room_and_nothing_acknowledged_is_lost(
    server: Server, small_disk: Path
) -> None:
    with closing(User(server.url)) as alice, closing(User(server.url)) as leaver, ThreadPoolExecutor(WRITERS) as pool:
        old = alice.new_task("before")
        leaver.new_task("to be removed")
        writers = Writers(alice)
        running = [pool.submit(writers.write) for _ in range(WRITERS)]
        try:
            until(lambda: len(writers.acknowledged) > 50)
            fill(small_disk)
            until(lambda: writers.codes["storage_full"] > 300, 120)
            # All the while, what only reads works, and whatever writes says why it does not.
            reads = [
                alice.get(path).status_code
                for path in (alice.tasks, f"{alice.tasks}/{old['id']}", "/readyz", "/livez", "/api/auth/me/usage")
                for _ in range(20)
            ]
            assert reads == [200] * 100
            refused = alice.post("/api/auth/login", json={"email": alice.email, "password": PASSWORD})
            assert_error(refused, 503, "storage_full")
            assert int(refused.headers["retry-after"]) >= 1
            assert_error(alice.delete(f"{alice.tasks}/{old['id']}"), 503, "storage_full")
            assert_error(leaver.request("DELETE", "/api/auth/me", json={"password": PASSWORD}), 503, "storage_full")
            (small_disk / "filler").unlink()
            acknowledged = len(writers.acknowledged)
            healed = until(lambda: len(writers.acknowledged) > acknowledged + 50)
        finally:
            writers.stopped.set()
        for each in running:
            each.result()
        assert set(writers.codes) == {"storage_full"}
        measured(
            "disk full",
            f"{sum(writers.codes.values())} writes refused, 50 more stored {healed:.2f} s after there was room",
        )
        assert ids_of(alice) == writers.acknowledged | {old["id"]}
        assert alice.get(alice.tasks).json()["total"] == len(writers.acknowledged) + 1
        # What was refused is done when it is sent again.
        id_ = next(iter(writers.refused))
        again = {"title": id_, "description": "d" * 1900}
        answer = alice.put(f"{alice.tasks}/{id_}", json=again, headers={"Idempotency-Key": id_, **NEW})
        assert answer.status_code == 201
        # The log says it in words, and a line now and then is enough.
        until(lambda: alice.new_task("there is room") and ROOM in server.log)
        lines = [line for line in server.log.splitlines() if '"info"' not in line]
        assert sum(FULL in line for line in lines) <= 3
        assert len([line for line in lines if '"level"' in line]) <= 6, lines
        # What works in the background goes on too: a mail is sent, and a user's data removed.
        assert alice.post("/api/auth/password/forgot", json={"email": alice.email}).status_code == 202
        assert leaver.request("DELETE", "/api/auth/me", json={"password": PASSWORD}).status_code == 204
    if "DATABASE_URL" not in server.settings:
        assert about(server, alice.email, "password")
        path = Path(server.settings["DATA_DIR"]) / "doable.db"
        with closing(sqlite3.connect(path)) as database:
            until(lambda: database.execute("SELECT count(*) FROM owners").fetchall() == [(1,)])
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("room", [0, 48 * 1024], ids=["no room", "room for SQLite alone"])
def test_a_start_waits_for_room_too_and_says_so(
    server: Server, small_disk: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    server.stop()
    (small_disk / "data" / "doable.db.changed").unlink()  # as an earlier version has left it
    fill(small_disk)
    os.truncate(small_disk / "filler", (small_disk / "filler").stat().st_size - room)
    monkeypatch.setattr(Server, "awaits", "/livez")
    server.start()
    until(lambda: "The disk is full." in server.log)
    (small_disk / "filler").unlink()
    until(lambda: httpx.get(f"{server.url}/readyz", verify=TLS).status_code == 200)
