"""`doable tail`: one's own feed in the terminal, through a lost network."""

import json
import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from doable.accounts.gate.access_tokens import Tokens
from doable.errors import Misconfigured
from doable.remote.server import NOT_DOABLE, RemoteServer
from doable.remote.tail import follow
from support.changes import apply, batch, changes, listed, read_all
from support.commands import assert_refused
from support.other_server import answers
from support.proxy import Proxy
from support.server import DOABLE, SECRET, Server, doable, environment
from support.users import User

SECONDS = 60
NO_URL = "The URL must be one like http://127.0.0.1:8000 or https://tasks.example.com."
WRONG_TOKEN = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl"
# As the command is, with another idea of how long a server may say nothing.
IMPATIENT = "from doable.remote import tail; tail.SILENCE_SECONDS = 2; from doable.cli import main; main()"


class Tail:
    """A running `doable tail`. Its output is a pipe or a terminal, of which the other end is `descriptor`."""

    def __init__(self, command: list[str], folder: Path, token: str, *, terminal: bool) -> None:
        self.descriptor, output = os.openpty() if terminal else os.pipe()
        self._stderr = folder / "stderr"
        with self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                command,
                env=environment(DOABLE_TOKEN=token),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=stderr,
                start_new_session=True,
            )
        os.close(output)
        self._received = b""

    @property
    def stderr(self) -> str:
        """What it has said beside its output."""
        return self._stderr.read_text()

    def line(self) -> str:
        """The next line. Fails if it does not come."""
        deadline = time.monotonic() + SECONDS
        while b"\n" not in self._received:
            ready, _, _ = select.select([self.descriptor], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"Nothing has come in time. {self.stderr}"
            some = os.read(self.descriptor, 1 << 16)
            assert some, f"It has ended. {self.stderr}"
            self._received += some
        line, _, self._received = self._received.partition(b"\n")
        return line.decode().removesuffix("\r")

    def change(self) -> dict[str, Any]:
        """The next line, which is JSON."""
        found: dict[str, Any] = json.loads(self.line())
        return found

    def until(self, revision: int) -> list[dict[str, Any]]:
        """All changes up to the one with this revision."""
        found = [self.change()]
        while found[-1]["revision"] != revision:
            found.append(self.change())
        return found

    def says(self, words: str) -> None:
        """Wait until it has said this on stderr."""
        deadline = time.monotonic() + SECONDS
        while words not in self.stderr:
            assert time.monotonic() < deadline, self.stderr
            assert self.process.poll() is None, self.stderr
            time.sleep(0.02)

    def end(self, sent: signal.Signals | None = None) -> tuple[int, str]:
        """Wait for its end, after this signal; its exit code, and what it has printed since the last line."""
        if sent is not None:
            self.process.send_signal(sent)
        code = self.process.wait(timeout=SECONDS)
        while some := os.read(self.descriptor, 1 << 16):
            self._received += some
        return code, self._received.decode()


@contextmanager
def tailing(
    folder: Path, url: str, token: str, *arguments: str, command: tuple[str, ...] = (DOABLE,), terminal: bool = False
) -> Iterator[Tail]:
    tail = Tail([*command, "tail", "--url", url, *arguments], folder, token, terminal=terminal)
    try:
        yield tail
    finally:
        tail.process.kill()
        tail.process.wait(timeout=SECONDS)
        os.close(tail.descriptor)


def follow_in_vain(url: str, token: str = WRONG_TOKEN) -> str:
    """What the command says, which does nothing else with what it finds: to start it so often would take long."""
    with pytest.raises(Misconfigured) as caught:
        next(follow(RemoteServer(url, token), [("since", "0")], pytest.fail))
    return str(caught.value)


def test_prints_what_is_there_and_then_each_change(one_user: User, tmp_path: Path) -> None:
    first, second = one_user.new_task("first"), one_user.new_task("zweite \N{GRINNING FACE}")
    with tailing(tmp_path, str(one_user.base_url), one_user.token) as tail:
        assert [tail.change(), tail.change()] == changes(one_user)["changes"]
        third = one_user.new_task("third")
        assert tail.change()["task"] == third
        completed = one_user.patch(f"{one_user.tasks}/{first['id']}/complete").json()
        assert completed["is_completed"]
        assert tail.change()["task"] == completed
        one_user.delete(f"{one_user.tasks}/{second['id']}")
        deleted = {"revision": 5, "kind": "task", "id": second["id"], "deleted": True, "task": None}
        assert tail.change() == deleted
        assert tail.end(signal.SIGINT) == (0, "")
        assert tail.stderr == ""


def test_since_leaves_out_what_is_known(one_user: User, tmp_path: Path) -> None:
    for number in range(5):
        one_user.new_task(str(number))
    with tailing(tmp_path, str(one_user.base_url), one_user.token, "--since", "3") as tail:
        assert tail.until(5) == changes(one_user, since=3)["changes"]
    with tailing(tmp_path, str(one_user.base_url), one_user.token, "--since", "5") as tail:
        # There is nothing before what is made now.
        task = one_user.new_task("new")
        assert tail.change()["task"] == task


def test_on_a_terminal_a_change_is_a_line_to_read(one_user: User, tmp_path: Path) -> None:
    plain = one_user.new_task("Buy oat milk \N{GRINNING FACE}")
    one_user.new_task("a\tb\nc\x7fd\x9b31me\u2028f\u202eg\r\nh")
    with tailing(tmp_path, str(one_user.base_url), one_user.token, terminal=True) as tail:
        assert tail.line() == "       1  [ ] Buy oat milk \N{GRINNING FACE}"
        assert tail.line() == "       2  [ ] a b c?d?31me f?g  h".replace("?", "\N{REPLACEMENT CHARACTER}")
        one_user.patch(f"{one_user.tasks}/{plain['id']}/complete")
        assert tail.line() == "       3  [x] Buy oat milk \N{GRINNING FACE}"
        one_user.delete(f"{one_user.tasks}/{plain['id']}")
        assert tail.line() == f"       4  {plain['id']} deleted"
        one_user.post(f"/api/{one_user.id}/lists", json={"name": "Gro\x9bceries"})
        assert tail.line() == "       5  list Gro\N{REPLACEMENT CHARACTER}ceries"
        one_user.new_task("long " * 40)
        line = tail.line()
        assert 75 < len(line) <= 80
        assert line.endswith("long…")


def test_goes_on_when_the_connection_is_cut(one_user: User, proxy: Proxy, tmp_path: Path) -> None:
    with tailing(tmp_path, proxy.url, one_user.token) as tail:
        one_user.new_task("before")
        printed = tail.until(1)
        proxy.cut()
        one_user.new_task("while it is away")
        printed += tail.until(2)
        with proxy.lost():
            tail.says("Not connected to ")
            batch(one_user, *[{"op": "create", "task": {"title": str(number)}} for number in range(120)])
        printed += tail.until(122)
        one_user.new_task("after")
        printed += tail.until(123)
        assert printed == read_all(one_user)
        assert tail.end(signal.SIGINT) == (0, "")
    for line in tail.stderr.splitlines():
        assert line.startswith(f"Not connected to {proxy.url} (")
        assert line.endswith("); trying again.")


def test_what_is_cut_in_the_middle_is_printed_once_and_whole(one_user: User, proxy: Proxy, tmp_path: Path) -> None:
    with tailing(tmp_path, proxy.url, one_user.token) as tail:
        one_user.new_task("first")
        printed = tail.until(1)
        face = "\N{GRINNING FACE}".encode()
        # In a character, in the JSON, and between the two line ends that make it an event.
        for marker, title in ((face[:3], f"a{face.decode()}b"), (b'"halv', "halved"), (b"}}\n", "whole")):
            with proxy.cutting_after(marker):
                task = one_user.new_task(title)
            printed += tail.until(task["revision"])
        one_user.new_task("last")
        printed += tail.until(5)
    assert printed == changes(one_user)["changes"]
    assert [change["revision"] for change in printed] == [1, 2, 3, 4, 5]


def test_goes_on_when_the_server_is_restarted(tmp_path: Path) -> None:
    with (
        Server(tmp_path / "server") as server,
        closing(User(server.url)) as user,
        tailing(tmp_path, server.url, user.token) as tail,
    ):
        task = user.new_task("before")
        printed = tail.until(1)
        server.stop()
        tail.says("trying again.")
        server.start()
        user.new_task("after")
        printed += tail.until(2)
        server.kill()
        server.start()
        user.delete(f"{user.tasks}/{task['id']}")
        printed += tail.until(3)
        assert [change["revision"] for change in printed] == [1, 2, 3]
        assert apply({}, printed) == listed(user)


def test_notices_a_connection_that_is_dead(one_user: User, proxy: Proxy, tmp_path: Path) -> None:
    with tailing(tmp_path, proxy.url, one_user.token, command=(sys.executable, "-c", IMPATIENT)) as tail:
        one_user.new_task("before")
        printed = tail.until(1)
        proxy.freeze()
        one_user.new_task("while nothing is carried")
        printed += tail.until(2)
        assert printed == changes(one_user)["changes"]
        assert "Not connected to " in tail.stderr


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_being_told_to_stop_is_no_failure(one_user: User, proxy: Proxy, tmp_path: Path, sent: signal.Signals) -> None:
    one_user.new_task()
    with tailing(tmp_path, proxy.url, one_user.token) as tail:
        tail.line()
        assert tail.end(sent) == (0, "")
        assert tail.stderr == ""
    # Also while it waits to try again.
    with tailing(tmp_path, proxy.url, one_user.token) as tail, proxy.lost():
        tail.says("trying again.")
        code, _ = tail.end(sent)
        assert code == 0
        assert "Traceback" not in tail.stderr


def test_ends_when_nobody_reads_any_more(one_user: User, tmp_path: Path) -> None:
    """In the middle of much that there is to print, and where nothing more comes."""
    for tasks in (1, 400):
        batch(one_user, *[{"op": "create", "task": {"title": str(number)}} for number in range(tasks)])
        command = f"'{DOABLE}' tail --url {one_user.base_url} | head -1; exit ${{PIPESTATUS[0]}}"
        settings = environment(DOABLE_TOKEN=one_user.token)
        result = subprocess.run(
            ["bash", "-c", command], env=settings, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert (result.returncode, result.stderr) == (0, "")
        assert json.loads(result.stdout) == changes(one_user, limit=1)["changes"][0]


def test_needs_a_token(one_server: Server, tmp_path: Path) -> None:
    for settings in ({}, {"DOABLE_TOKEN": ""}):
        assert_refused(doable("tail", "--url", one_server.url, cwd=tmp_path, **settings), "DOABLE_TOKEN", "API token")


def test_refuses_what_is_no_token(one_server: Server, tmp_path: Path) -> None:
    result = doable("tail", "--url", one_server.url, cwd=tmp_path, DOABLE_TOKEN="secret\r\nX-Other: b")
    assert_refused(result, "The token has characters in it that no token has.")
    assert "secret" not in result.stderr


@pytest.mark.parametrize("token", ["", "two words", "a\r\nX-Other: b", "\N{GRINNING FACE}", "a\tb", "\x1b[31m"])
def test_no_token_is_such_a_thing(one_server: Server, token: str) -> None:
    assert follow_in_vain(one_server.url, token) == "The token has characters in it that no token has."


def test_white_space_around_the_token_does_no_harm(one_user: User, tmp_path: Path) -> None:
    one_user.new_task()
    with tailing(tmp_path, str(one_user.base_url), f" {one_user.token}\n") as tail:
        assert tail.change() == changes(one_user)["changes"][0]


def test_refuses_a_wrong_token(one_server: Server, tmp_path: Path) -> None:
    result = doable("tail", "--url", one_server.url, cwd=tmp_path, DOABLE_TOKEN=WRONG_TOKEN)
    assert_refused(result, "401", "DOABLE_TOKEN is mistyped, expired or deleted")
    assert WRONG_TOKEN not in result.stderr


def test_ends_with_the_token(one_user: User, tmp_path: Path) -> None:
    # It is valid for a few seconds yet: the server's clock may be wrong by ten.
    tokens = Tokens([SECRET.encode()], timedelta())
    token = tokens.issue(one_user.id, str(uuid.uuid4()), one_user.email, -4)
    with tailing(tmp_path, str(one_user.base_url), token) as tail:
        assert tail.end() == (1, "")
        assert tail.stderr.startswith("doable: The server answers 401: ")
        assert tail.stderr.count("\n") == 1
        assert token not in tail.stderr


def test_ends_with_the_user(one_server: Server, tmp_path: Path) -> None:
    with closing(User(one_server.url)) as user, tailing(tmp_path, one_server.url, user.token) as tail:
        user.new_task()
        tail.line()
        removed = doable("users", "remove", user.email, "--yes", cwd=tmp_path, **one_server.settings)
        assert removed.returncode == 0, removed.stderr
        assert tail.end() == (1, "")
        assert tail.stderr.startswith("doable: The server answers 401: ")
        assert tail.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tasks",
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "file:///etc/hostname",
        "http://",
        "http:///api",
        "http://[",
        "http://[::1",
        "http://127.0.0.1:http",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:0",
        "http://user:password@127.0.0.1",
        "http://127.0.0.1 .example",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\N{GRINNING FACE}",
        "http://127.0.0.1\r\nX-Other: b",
        "http://127.0.0.1?x=",
        "http://127.0.0.1#x",
    ],
)
def test_no_url_is_such_a_thing(url: str) -> None:
    assert follow_in_vain(url) == NO_URL


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "http://user:password@127.0.0.1"])
def test_refuses_what_is_no_url(tmp_path: Path, url: str) -> None:
    result = doable("tail", "--url", url, cwd=tmp_path, DOABLE_TOKEN=WRONG_TOKEN)
    assert_refused(result, NO_URL)
    assert "password" not in result.stderr
    assert WRONG_TOKEN not in result.stderr


HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}
EVENTS = {"Content-Type": "text/event-stream"}


@pytest.mark.parametrize(
    "answer",
    [
        (404, HTML, b"<h1>Not here</h1>"),
        (404, JSON, b'["not here"]'),
        (404, JSON, b'{"message": 404}'),
        (404, JSON, b"\xff"),
        (404, {**JSON, "Content-Length": "100"}, b'{"message": "cut'),
        (200, HTML, b"<h1>Welcome</h1>\n\n"),
        (200, JSON, b"{}"),
        (204, {}, b""),
        (200, EVENTS, b"data: welcome\n\n"),
        (200, EVENTS, b"id: 1\ndata: welcome\n\n"),
        (200, EVENTS, b"\xff\n\n"),
    ],
    ids=repr,
)
def test_no_doable_answers_so(answer: tuple[int, dict[str, str], bytes]) -> None:
    with answers(answer) as (url, asked):
        assert NOT_DOABLE in follow_in_vain(f"{url}/")
        assert asked == ["/api/me/events?since=0"]


@pytest.mark.parametrize("status", [200, 404])
def test_refuses_what_is_no_doable(tmp_path: Path, status: int) -> None:
    with answers((status, HTML, b"<h1>Welcome</h1>")) as (url, _):
        result = doable("tail", "--url", url, cwd=tmp_path, DOABLE_TOKEN=WRONG_TOKEN)
        assert_refused(result, NOT_DOABLE)
        assert WRONG_TOKEN not in result.stderr


def test_a_stream_that_only_its_end_ends_may_be_cut_in_a_character() -> None:
    """As it comes through a proxy that speaks HTTP/1.0."""
    cut = b'id: 1\ndata: {"revision": 1}\n\nid: 2\ndata: {"title": "\xf0\x9f'
    with answers((200, EVENTS, cut), (404, JSON, b"{}")) as (url, asked):
        found = follow(RemoteServer(url, WRONG_TOKEN), [("since", "0")], pytest.fail)
        assert next(found) == {"revision": 1}
        with pytest.raises(Misconfigured, match="answers 404"):
            next(found)
        assert len(asked) == 2


def test_shows_what_another_server_says_without_its_control_characters(tmp_path: Path) -> None:
    message = json.dumps({"message": "a\nb\x1b[31m"}).encode()
    with answers((403, JSON, message)) as (url, _):
        result = doable("tail", "--url", url, cwd=tmp_path, DOABLE_TOKEN=WRONG_TOKEN)
        assert_refused(result, "The server answers 403: a b\N{REPLACEMENT CHARACTER}[31m")


def test_tries_again_when_the_server_cannot(tmp_path: Path) -> None:
    """Because something is wrong there, or because too much was asked of it."""
    with answers((503, JSON, b"{}"), (429, {**JSON, "Retry-After": "1"}, b"{}"), (404, JSON, b"{}")) as (url, asked):
        result = doable("tail", "--url", url, cwd=tmp_path, DOABLE_TOKEN=WRONG_TOKEN)
    assert len(asked) == 3
    *lost, refused = result.stderr.splitlines()
    assert lost == [f"Not connected to {url} (the server answers {status}); trying again." for status in (503, 429)]
    assert refused.startswith("doable: The server answers 404")
    assert (result.returncode, result.stdout) == (1, "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_follows_no_redirect(status: int) -> None:
    with answers((200, EVENTS, b"")) as (elsewhere, asked):
        with answers((status, {"Location": f"{elsewhere}/"}, b"")) as (url, _):
            assert follow_in_vain(url) == f"The server answers {status}. {NOT_DOABLE}"
        assert asked == []


def test_a_revision_that_there_is_not_yet(one_user: User, tmp_path: Path) -> None:
    one_user.new_task()
    result = doable("tail", "--url", str(one_user.base_url), "--since", "2", cwd=tmp_path, DOABLE_TOKEN=one_user.token)
    assert_refused(result, "410", "since=0")
    assert one_user.token not in result.stderr


@pytest.mark.parametrize("since", ["-1", "all"])
def test_a_since_that_is_no_revision(tmp_path: Path, since: str) -> None:
    result = doable("tail", "--since", since, cwd=tmp_path, DOABLE_TOKEN=WRONG_TOKEN)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Invalid value for '--since'" in result.stderr
