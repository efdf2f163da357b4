"""How many processes serve unless somebody says otherwise, and how they share connections."""

import os
import socket
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from doable import cores
from doable.server.checks import MOST_WORKERS, default_workers
from doable.settings import Settings
from support.server import Server
from support.workers import stopped, workers

needs_proc = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="Only Linux says whose a connection is.")


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        ("0::/\n", {}, None),
        ("0::/\n", {"cpu.max": "max 100000\n"}, None),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/\n", {"cpu.max": "what is this\n"}, None),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "50000 100000\n"}, 0.5),
        ("0::/a/b\n", {"a/b/cpu.max": "200000 100000\n", "a/cpu.max": "300000 100000\n"}, 2),
        ("0::/../../of/the/host\n", {"cpu.max": "200000 100000\n"}, 2),
        ("3:cpuset:/a\n4:cpu,cpuacct:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "1000"}, None),
        ("4:cpu,cpuacct:/a\n", {"cpu/cpu.cfs_quota_us": "3000\n", "cpu/cpu.cfs_period_us": "1000\n"}, 3),
        ("nonsense\n", {"cpu.max": "200000 100000\n"}, None),
    ],
)
def test_the_quota_of_a_container_counts(
    tmp_path: Path, own: str, files: dict[str, str], expected: float | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "own").write_text(own)
    assert cores.quota(tmp_path, tmp_path / "own") == expected


def test_where_there_are_no_cgroups_there_is_no_quota(tmp_path: Path) -> None:
    assert cores.quota(tmp_path, tmp_path / "own") is None


@pytest.mark.parametrize(
    ("quota", "count", "expected"), [(None, 16, 16), (None, 3, 3), (2.9, 16, 2), (0.5, 16, 1), (8, 2, 2)]
)
def test_cores_are_those_that_may_be_used(
    monkeypatch: pytest.MonkeyPatch, quota: float | None, count: int, expected: int
) -> None:
    monkeypatch.setattr(cores, "quota", lambda: quota)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {*range(count)}, raising=False)
    assert cores.usable_cores() == expected


@pytest.mark.parametrize(("cores_there", "expected"), [(1, 1), (3, 3), (16, 4)])
def test_one_for_each_core_but_not_where_sqlite_is_unsafe_for_several(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores_there: int, expected: int
) -> None:
    monkeypatch.setattr("doable.server.checks.usable_cores", lambda: cores_there)
    monkeypatch.setattr("doable.database.sqlite.driver.safe_for_several_processes", lambda: False)
    assert default_workers(Settings(data_dir=tmp_path)) == 1
    monkeypatch.setattr("doable.database.sqlite.driver.safe_for_several_processes", lambda: True)
    assert default_workers(Settings(data_dir=tmp_path)) == expected


@pytest.mark.parametrize(("workers", "expected"), [(None, 10), (1, 10), (2, 10), (3, 6), (4, 5), (64, 3)])
def test_pools_have_twenty_connections_together(workers: int | None, expected: int, tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path, web_concurrency=workers).pool_size == expected
    assert Settings(data_dir=tmp_path, web_concurrency=workers, database_pool_size=7).pool_size == 7


@pytest.mark.parametrize("options", [(), ("--workers", "3")], ids=" ".join)
def test_serve_uses_the_cores(tmp_path: Path, options: tuple[str, ...]) -> None:
    expected = int(options[1]) if options else min(MOST_WORKERS, cores.usable_cores())
    with Server(tmp_path, *options, WEB_CONCURRENCY="") as server:
        assert len(workers(server)) == (0 if expected == 1 else expected)


@needs_proc
def test_connections_are_shared_out(tmp_path: Path) -> None:
    with Server(tmp_path, "--workers", "2") as server, ExitStack() as stack:
        pids = workers(server)
        for _ in range(3):
            opened = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(40)]
            found = connected(server, pids, len(opened))
            # Each has half of them, and some more where the other was busy for long.
            assert min(found.values()) >= 10, found
            for each in opened:
                each.close()
            assert connected(server, pids, 0).total() == 0


@needs_proc
def test_who_stands_still_is_not_waited_for(tmp_path: Path) -> None:
    with Server(tmp_path, "--workers", "2") as server, ExitStack() as stack:
        still, other = workers(server)
        stack.enter_context(stopped(still))
        opened = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(40)]
        assert connected(server, [other], len(opened))[other] == len(opened)


def connected(server: Server, pids: list[int], count: int) -> Counter[int]:
    """How many connections each of them has, once they have so many together."""
    until = time.monotonic() + 10
    while True:
        sockets = Counter({pid: sum(inode in open_by(pid) for inode in established(server.port)) for pid in pids})
        if sockets.total() == count or time.monotonic() > until:
            return sockets
        time.sleep(0.02)


def established(port: int) -> set[str]:
    """The inodes of the connections at this port: those of the server, whose own port it is."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {line[9] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "01"}


def open_by(pid: int) -> set[str]:
    """The inodes of the sockets that the process has."""
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(each.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found
