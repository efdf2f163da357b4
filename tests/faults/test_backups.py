"""Backups and restores under load, and killed at any moment; Litestream, killed with the server."""

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

import httpx
import pytest

from doable.backups import restoring
from doable.settings import Settings
from faults.conftest import measured
from support.postgresql import with_programs
from support.schema import contents, rows_of, settings_of, version
from support.server import DOABLE, Server, environment
from support.server import doable as run
from support.sessions import log_in
from support.users import TLS, User, assert_error

LITESTREAM = Path(sys.executable).with_name("litestream")
WRITERS = 4
KILLS = 6
BACKENDS = pytest.mark.parametrize("backend", ["sqlite", "postgresql-18"], indirect=True, scope="session")


class Writing:
    """Clients of one server that write numbered tasks, each one after the other, and note when each was acknowledged."""

    def __init__(self, server: Server) -> None:
        self.users = [User(server.url) for _ in range(WRITERS)]
        self.acknowledged: dict[str, list[float]] = defaultdict(list)
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(user,), daemon=True) for user in self.users]

    def _write(self, user: User) -> None:
        while not self._enough.is_set():
            title = str(len(self.acknowledged[user.id]))
            try:
                answer = user.post(user.tasks, json={"title": title, "description": "x" * 500})
            except httpx.TransportError:
                return  # the server was killed
            assert answer.status_code == 201, answer.text
            self.acknowledged[user.id].append(time.monotonic())

    def counts(self, *, before: float = float("inf")) -> dict[str, int]:
        """How many of each user's were acknowledged before this."""
        return {user.id: sum(at < before for at in self.acknowledged[user.id]) for user in self.users}

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join(timeout=60)
        for user in self.users:
            user.close()


def stored(settings: Settings) -> dict[str, int]:
    """How many tasks each user has, which are the first ones that the user has written."""
    found: dict[str, list[int]] = defaultdict(list)
    tables = contents(settings)
    for row in tables["tasks"]:
        found[str(row["owner_id"])].append(int(row["title"]))
    for numbers in found.values():
        assert sorted(numbers) == list(range(len(numbers)))
    totals = {str(row["owner_id"]): row["tasks"] for row in tables["owners"]}
    assert {owner: total for owner, total in totals.items() if total} == {
        owner: len(numbers) for owner, numbers in found.items()
    }
    return {owner: len(numbers) for owner, numbers in found.items()}


@BACKENDS
def test_a_backup_under_load_is_a_prefix_of_what_was_acknowledged(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_programs()["PATH"])
    made = []
    with Server(tmp_path, **new_database_settings()) as server:
        environ = {**server.settings, **with_programs()}
        with Writing(server) as writing:
            time.sleep(1)
            for number in range(2):
                before, began = writing.counts(), time.monotonic()
                assert run("backup", f"file{number}", cwd=tmp_path, **environ).returncode == 0
                takes = time.monotonic() - began
                made.append((before, writing.counts()))
            kills = sum(
                killed([DOABLE, "backup", f"killed{number}"], tmp_path, environ, takes) for number in range(KILLS)
            )
    # A file that is there is whole.
    whole = [path for path in tmp_path.glob("killed*") if restoring.examine(settings_of(server), path)]
    for number, (before, after) in enumerate(made):
        elsewhere = settings_of({"DATA_DIR": str(tmp_path / f"data{number}"), **new_database_settings()})
        restoring.restore(elsewhere, tmp_path / f"file{number}", revoke_api_tokens=False)
        found = stored(elsewhere)
        # One more may have been stored and not acknowledged yet.
        assert all(before[user] <= found.get(user, 0) <= after[user] + 1 for user in before)
    measured(
        f"{server.settings.get('DATABASE_URL', 'sqlite')[:10]}: backups under {sum(made[-1][1].values())} writes",
        f"2 restored to a prefix each; of {KILLS} others {kills} were killed, and {len(whole)} are there, and whole",
    )


@BACKENDS
def test_a_restore_that_is_killed_leaves_the_database_as_it_was(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_programs()["PATH"])
    with Server(tmp_path, **new_database_settings()) as server:
        environ = {**server.settings, **with_programs()}
        with Writing(server) as writing:
            until(lambda: sum(writing.counts().values()) > 200)
        assert run("backup", "file", cwd=tmp_path, **environ).returncode == 0
        with closing(User(server.url)) as alice:
            alice.new_task("0")
    settings = settings_of(server)
    began = time.monotonic()
    assert run("restore", "file", cwd=tmp_path, **environ).returncode == 0
    takes = time.monotonic() - began - 0.5  # it waits for the end of a second
    in_backup, before = writing.counts(), contents(settings)
    outcomes = {"as it was": 0, "restored": 0}
    kills = 0
    for _ in range(KILLS):
        kills += killed([DOABLE, "restore", "file"], tmp_path, environ, takes)
        until(lambda: can_be_read(settings))
        if rows_of(settings, "owners") == before["owners"]:
            assert contents(settings) == before
            outcomes["as it was"] += 1
        else:
            assert stored(settings) == in_backup
            assert not rows_of(settings, "sessions")
            outcomes["restored"] += 1
            before = contents(settings)
    assert run("restore", "file", cwd=tmp_path, **environ).returncode == 0
    assert stored(settings) == in_backup
    assert not (settings.data_dir / "restoring").exists()
    measured(f"{server.settings.get('DATABASE_URL', 'sqlite')[:10]}: restores, {kills} of them killed", str(outcomes))


def can_be_read(settings: Settings) -> bool:
    """PostgreSQL may not know yet that the process is dead whose transaction has the tables."""
    return bool(version(settings))


def killed(command: list[str], cwd: Path, environ: dict[str, str], takes: float) -> int:
    """Start it and kill it at a moment of its life, which is about so long; 0 if it had ended before."""
    process = subprocess.Popen(
        command, cwd=cwd, env=environment(**environ), start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(timeout=random.uniform(0.3, 1.0) * takes)  # noqa: S311 - a moment, not a secret
    except subprocess.TimeoutExpired:
        process.kill()
        return int(process.wait(timeout=30) == -signal.SIGKILL)
    return 0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


@contextmanager
def replicating(server: Server, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Litestream, as docs/operations.md sets it up."""
    path = Path(server.settings["DATA_DIR"]) / "doable.db"
    (tmp_path / "litestream.yml").write_text(
        f"dbs:\n  - path: {path}\n    monitor-interval: 200ms\n"
        f"    replica:\n      url: file://{tmp_path}/replica\n      sync-interval: 200ms\n"
    )
    with (tmp_path / "litestream.log").open("wb") as log:
        process = subprocess.Popen(
            [LITESTREAM, "replicate", "-config", tmp_path / "litestream.yml"], stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not LITESTREAM.exists(), reason="there is no Litestream for this machine")
def test_with_litestream_a_lost_machine_costs_a_second(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with server, replicating(server, tmp_path) as litestream:
        until(lambda: list(tmp_path.glob("replica/ltx/0/*.ltx")) != [])
        with Writing(server) as writing:
            until(lambda: min(writing.counts().values()) > 100)
            time.sleep(2)
            litestream.kill()
            killed_at = time.monotonic()
            server.kill()
    # The machine is gone, and its disk.
    known, second_ago = writing.counts(), writing.counts(before=killed_at - 1)
    shutil.rmtree(server.settings["DATA_DIR"])
    new = Server(tmp_path / "new")
    database = Path(new.settings["DATA_DIR"]) / "doable.db"
    database.parent.mkdir(mode=0o700)
    restored = subprocess.run(
        [LITESTREAM, "restore", "-o", database, f"file://{tmp_path}/replica"], capture_output=True, check=False
    )
    assert restored.returncode == 0, restored.stderr
    done = run("restore", "--in-place", cwd=tmp_path, **new.settings)
    assert done.returncode == 0, done.stderr
    found = stored(settings_of(new))
    with new:
        for user in writing.users:
            assert found[user.id] >= second_ago[user.id]
            headers = {"Authorization": f"Bearer {log_in(reached(user, new))['access_token']}"}
            with httpx.Client(base_url=new.url, verify=TLS, headers=headers, timeout=30) as client:
                for since in {1, found[user.id], known[user.id]}:
                    assert_error(client.get("/api/me/changes", params={"since": since}), 410, "resync_required")
                assert client.get("/api/me/tasks").json()["total"] == found[user.id]
    ages = [
        killed_at - writing.acknowledged[user.id][found[user.id]]
        for user in writing.users
        if found[user.id] < known[user.id]
    ]
    lost = max(ages, default=0.0)
    measured(
        "Litestream: killed with the server",
        f"of {sum(known.values())} acknowledged writes {sum(known.values()) - sum(found.values())} were lost, "
        f"the oldest of them {lost:.2f} s old",
    )


def reached(user: User, server: Server) -> User:
    """The same user, at the new machine."""
    user.base_url = server.url
    return user
