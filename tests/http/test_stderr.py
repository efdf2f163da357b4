"""stderr that nobody reads, that is read late, or that is closed: no answer waits for it, and what is lost is counted."""

import fcntl
import json
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from doable.http.logs import JSONFormatter
from doable.http.stderr import MAX_WAITING, StderrHandler
from support.ports import free_port
from support.server import DOABLE, environment

PAGE = 4096


@pytest.fixture
def pipe() -> Iterator[tuple[FileIO, FileIO]]:
    """A pipe that holds one page."""
    reads, writes = os.pipe()
    fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, PAGE)
    with FileIO(reads) as reader, FileIO(writes, "w") as writer:
        yield reader, writer


def handler_on(descriptor: int) -> StderrHandler:
    handler = StderrHandler(descriptor)
    handler.setFormatter(JSONFormatter())
    return handler


def log(handler: logging.Handler, event: str) -> None:
    handler.handle(logging.makeLogRecord({"msg": event, "levelname": "INFO"}))


def read_until(descriptor: int, last: str) -> list[str]:
    """The events up to the one that begins so."""
    events: list[str] = []
    with open(descriptor, closefd=False) as file:
        while not events or not events[-1].startswith(last):
            events.append(json.loads(file.readline())["event"])
    return events


def test_a_late_reader_gets_every_line_in_order(pipe: tuple[FileIO, FileIO]) -> None:
    reader, writer = pipe
    handler = handler_on(writer.fileno())
    events = [*(f"line {number}" for number in range(1000)), "a line of more than the pipe holds " * 300]
    for each in events:
        log(handler, each)
    assert read_until(reader.fileno(), events[-1]) == events
    # Others who have the same pipe wait as before.
    assert os.get_blocking(writer.fileno())


def test_what_is_too_much_is_dropped_and_counted(pipe: tuple[FileIO, FileIO]) -> None:
    reader, writer = pipe
    handler = handler_on(writer.fileno())
    for _ in range(MAX_WAITING + 500):
        log(handler, "a line")
    *lines, count = read_until(reader.fileno(), "4")
    dropped = MAX_WAITING + 500 - len(lines)
    assert 400 < dropped < 500
    assert count == f"{dropped} lines of this log have been dropped so far: they were not read in time"
    log(handler, "there is room again")
    assert read_until(reader.fileno(), "there") == ["there is room again"]


def test_a_reader_that_has_gone_is_no_error(pipe: tuple[FileIO, FileIO], capfd: pytest.CaptureFixture[str]) -> None:
    reader, writer = pipe
    handler = handler_on(writer.fileno())
    reader.close()
    for _ in range(3):
        log(handler, "a line")
    assert capfd.readouterr() == ("", "")


def test_a_socket_may_be_full_too() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        handler = handler_on(ours.fileno())
        events = [f"line {number}" for number in range(3000)]
        for each in events:
            log(handler, each)
        assert read_until(theirs.fileno(), events[-1]) == events
        assert ours.getblocking()


@contextmanager
def serving(folder: Path, data: Path, *command: str, **options: Any) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`doable serve`, started by this command, and its address."""
    port = free_port()
    settings = environment(DATA_DIR=str(data), PORT=str(port))
    with subprocess.Popen([*command], env=settings, cwd=folder, stdout=subprocess.DEVNULL, **options) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=30) as client:
                assert client.get(f"{url}/livez").status_code == 200
            yield process, url
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0


def test_a_full_pipe_stops_no_answer(pipe: tuple[FileIO, FileIO], data: Path, tmp_path: Path) -> None:
    reader, writer = pipe
    ids = [f"request-{number}" for number in range(60)]
    with (
        serving(tmp_path, data, DOABLE, "serve", stderr=writer) as (_, url),
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        for each in ids:
            assert client.get("/livez", headers={"X-Request-ID": each}).status_code == 200
        logged: list[str] = []
        with open(reader.fileno(), closefd=False) as lines:
            while ids[-1] not in logged:
                line = lines.readline()
                if line.startswith("{"):
                    logged.append(json.loads(line).get("request_id", ""))
    assert [each for each in logged if each.startswith("request-")] == ids


def test_a_server_needs_no_streams_at_all(data: Path, tmp_path: Path) -> None:
    closed = ("sh", "-c", f"exec {DOABLE} serve <&- >&- 2>&-")
    with serving(tmp_path, data, *closed) as (process, url):
        assert httpx.get(f"{url}/readyz", timeout=30).status_code == 200
        for each in range(3):
            assert Path(f"/proc/{process.pid}/fd/{each}").readlink() == Path("/dev/null")
