"""Large files, which a process of its own reads: what it tells, and what becomes of an import if it, or the server, ends early."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import httpx
import pytest

from doable.errors import Unavailable
from doable.transfer.apart import SMALL_BYTES, Apart, Here, Teller
from doable.transfer.telling import Asked, Question, Told
from support.logs import lines
from support.moving import ended, imported, send
from support.moving_in import FILES, NOW
from support.server import QuickServer, Server
from support.users import User, assert_error

FEW = b"".join(b"Buy oat milk %d @shop\n" % number for number in range(1000))
MANY = b"".join(b"Buy oat milk %d @shop\n" % number for number in range(60_000))
"""For which it takes some seconds."""


def asked(filename: str) -> Asked:
    return Asked(
        owner_id="6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11",
        filename=filename,
        format=None,
        now=NOW,
        timezone="Europe/Berlin",
        language="en",
        longest_description=2000,
        is_dry=False,
    )


def told(teller: Teller) -> Iterator[Told]:
    """What is told to somebody whose account is empty."""
    answer: list[str] | int | None = None
    while (each := teller.send(answer)) is not None:
        yield each
        answer = None
        if isinstance(each, Question):
            answer = 500 if each.about == "room" else []


def readers(server: Server) -> list[int]:
    """The processes that read a file for this server."""
    listed = subprocess.run(
        ["ps", "-axww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    ).stdout
    found = [line.split(maxsplit=2) for line in listed.splitlines()]
    return [
        int(pid)
        for pid, parent, command in found
        if parent == str(server.process.pid) and "doable.transfer.process" in command
    ]


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(is_so: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@contextmanager
def being_read(server: Server, user: User, content: bytes = MANY) -> Iterator[tuple[int, Future[httpx.Response]]]:
    """The process that reads a large file of this user's, and the answer."""
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(send, user, content, "todo.txt")
        until(lambda: readers(server), "nobody reads the file")
        (pid,) = readers(server)
        yield pid, answer


@pytest.mark.parametrize("name", ["todoist-backup.zip", "Tasks.json", "tasks-utf16.csv"])
def test_another_process_tells_the_same(name: str) -> None:
    with (FILES / name).open("rb") as file:
        here, apart = Here(file, asked(name)), Apart(file, asked(name))
        expected = [*told(here)]
        assert len(expected) > 2
        assert [*told(apart)] == expected
        here.close()
        apart.close()


def test_what_a_large_file_has_is_made(alice: User) -> None:
    assert len(FEW) > SMALL_BYTES
    dry = send(alice, FEW, "todo.txt", dry_run="true").json()
    assert dry["kinds"]["task"] == {"found": 1000, "made": 1000, "there": 0, "not_taken": 0}
    assert (len(dry["things"]), dry["exceeds"]) == (200, None)
    assert imported(alice, FEW, "todo.txt")["kinds"] == dry["kinds"]
    again = imported(alice, FEW, "todo.txt")
    assert {kind: numbers["there"] for kind, numbers in again["kinds"].items()} == {"task": 1000, "tag": 1}


def test_a_large_file_that_cannot_be_read_is_refused_in_the_same_words(one_server: Server) -> None:
    with closing(User(one_server.url)) as user:
        words = [
            assert_error(send(user, content, "export.json"), 422, "file_unreadable")["message"]
            for content in (b'{"user":{}} and more', b'{"user":{}} and more' + b"." * SMALL_BYTES)
        ]
    assert words[0] == words[1]


def test_two_at_once_are_read_one_after_the_other(one_server: Server) -> None:
    with closing(User(one_server.url)) as one, closing(User(one_server.url)) as other, ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(send, user, FEW, "todo.txt", dry_run="true") for user in (one, other)]
        assert [answer.result().status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [(signal.SIGKILL, 503, "unavailable"), (signal.SIGPROF, 422, "file_unreadable")],
    ids=["killed", "too long"],
)
def test_a_reader_that_ends_early(one_server: Server, sent: signal.Signals, status: int, code: str) -> None:
    """SIGPROF is what it gets when it has used too much of the processor."""
    with closing(User(one_server.url)) as user:
        with being_read(one_server, user) as (pid, answer):
            os.kill(pid, sent)
            assert_error(answer.result(), status, code)
        said = {"level": "error", "event": "The process that reads a file has ended (exit code -9)"}
        assert any(said.items() <= line.items() for line in lines(one_server)) or sent != signal.SIGKILL
        assert user.get("/api/me/imports").json() == {"imports": []}
        assert imported(user, FEW, "todo.txt")["state"] == "done"


def test_it_ends_with_a_server_that_is_killed(tmp_path: Path) -> None:
    with QuickServer(tmp_path) as server, closing(User(server.url)) as alice:
        with being_read(server, alice) as (pid, answer):
            server.process.send_signal(signal.SIGKILL)
            server.process.wait(timeout=30)
            until(lambda: not exists(pid), "it reads on")
            with pytest.raises(httpx.TransportError):
                answer.result()
        server.start()
        assert alice.get("/api/me/imports").json() == {"imports": []}


def test_a_server_that_is_told_to_stop_lets_it_finish(tmp_path: Path) -> None:
    with QuickServer(tmp_path) as server, closing(User(server.url)) as alice:
        with being_read(server, alice, FEW) as (pid, answer):
            assert server.stop() == 0
            assert not exists(pid)
            accepted = answer.result()
        assert accepted.status_code == 202, accepted.text
        server.start()
        assert ended(alice, accepted.json()["id"])["kinds"]["task"]["made"] == 1000


def test_an_error_that_nobody_foresaw_is_logged_without_what_it_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (tmp_path / "private.txt").open("wb") as file:  # of which nothing can be read
        apart = Apart(file, asked("private.txt"))
        with pytest.raises(RuntimeError):
            [*told(apart)]
        apart.close()
    (record,) = caplog.records
    assert re.search(r" has failed: OSError .*recognising\.py:\d+ \w+", record.getMessage())
    assert "private" not in record.getMessage()
    assert "Bad file descriptor" not in record.getMessage()


def test_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere")
    with TemporaryFile() as file, pytest.raises(Unavailable):
        Apart(file, asked("todo.txt"))
