"""`doable users add`."""

import os
import pty
import subprocess
import termios
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from doable.database.sqlite.driver import sqlite3
from support.commands import assert_refused
from support.server import DOABLE, Server, doable, environment
from support.users import PASSWORD

Environ = dict[str, str]


@pytest.fixture
def environ(tmp_path: Path, new_database_settings: Callable[[], Environ]) -> Environ:
    """The settings of a migrated database."""
    settings = {"DATA_DIR": str(tmp_path / "data"), **new_database_settings()}
    assert doable("migrate", cwd=tmp_path, **settings).returncode == 0
    return settings


class Terminal:
    """A command in a terminal of its own, as a person sits in front of it. Its stdout is a pipe."""

    def __init__(self, *arguments: str, cwd: Path, **settings: str) -> None:
        self._controller, self._terminal = pty.openpty()
        self.seen = ""
        # The shell of a new session opens the terminal, which so becomes the one that /dev/tty is.
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", 'exec "$@" <"$0" 2>"$0"', os.ttyname(self._terminal), DOABLE, *arguments],
            stdout=subprocess.PIPE,
            cwd=cwd,
            env=environment(**settings),
            start_new_session=True,
            text=True,
        )
        os.set_blocking(self._controller, False)

    def answer(self, prompt: str, text: str, *, hidden: bool = True) -> None:
        """Wait for the prompt, and until nothing is echoed if it asks for something hidden; type."""
        deadline = time.monotonic() + 30
        start = len(self.seen)
        while prompt not in self.seen[start:] or hidden == self._echoes():
            assert time.monotonic() < deadline, f"no {prompt!r} in {self.seen!r}"
            self._read()
            time.sleep(0.005)
        os.write(self._controller, f"{text}\n".encode())

    def end(self) -> tuple[int, str]:
        """The exit code and what went to stdout, once it has ended."""
        try:
            output, _ = self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._read()
            pytest.fail(f"It has not ended: {self.seen!r}")
        self._read()
        os.close(self._controller)
        os.close(self._terminal)
        return self._process.returncode, output

    def _echoes(self) -> bool:
        return bool(termios.tcgetattr(self._terminal)[3] & termios.ECHO)

    def _read(self) -> None:
        try:
            self.seen += os.read(self._controller, 4096).decode()
        except BlockingIOError:
            return


def test_asks_twice_without_echo(environ: Environ, tmp_path: Path) -> None:
    terminal = Terminal("users", "add", "Alice@Example.com", "--name", "Alice A.", cwd=tmp_path, **environ)
    terminal.answer("Password:", PASSWORD)
    terminal.answer("Repeat for confirmation:", PASSWORD)
    code, output = terminal.end()
    assert code == 0, terminal.seen
    assert PASSWORD not in terminal.seen
    assert "echo" not in terminal.seen
    with Server(tmp_path, **environ) as server:
        credentials = {"email": "alice@example.com", "password": PASSWORD}
        user = httpx.post(f"{server.url}/api/auth/login", json=credentials).json()["user"]
    assert (user["id"], user["name"], user["email"]) == (output.strip(), "Alice A.", "alice@example.com")


def test_two_different_passwords_are_asked_for_again(data: Path, tmp_path: Path) -> None:
    terminal = Terminal("users", "add", "alice@example.com", cwd=tmp_path, DATA_DIR=str(data))
    terminal.answer("Password:", PASSWORD)
    terminal.answer("Repeat for confirmation:", "something else")
    terminal.answer("do not match", PASSWORD)
    terminal.answer("Repeat for confirmation:", PASSWORD)
    code, _ = terminal.end()
    assert code == 0, terminal.seen
    assert "something else" not in terminal.seen


def test_ctrl_c_adds_nobody(data: Path, tmp_path: Path) -> None:
    terminal = Terminal("users", "add", "alice@example.com", cwd=tmp_path, DATA_DIR=str(data))
    terminal.answer("Password:", "\x03")
    code, output = terminal.end()
    assert code != 0
    assert not output
    assert "Traceback" not in terminal.seen
    assert doable("users", "list", cwd=tmp_path, DATA_DIR=str(data)).stdout == ""


def test_without_a_terminal_the_password_is_the_first_line_of_the_input(data: Path, tmp_path: Path) -> None:
    added = doable("users", "add", "alice@example.com", cwd=tmp_path, stdin=f"{PASSWORD}\nmore\n", DATA_DIR=str(data))
    assert (added.returncode, added.stderr) == (0, "")
    with Server(tmp_path, DATA_DIR=str(data)) as server:
        credentials = {"email": "alice@example.com", "password": PASSWORD}
        user = httpx.post(f"{server.url}/api/auth/login", json=credentials).json()["user"]
    assert (user["id"], user["name"]) == (added.stdout.strip(), "alice")


@pytest.mark.parametrize("before", ["", "\ufeff"])
@pytest.mark.parametrize("after", ["", "\n", "\r\n"])
def test_how_a_line_begins_and_ends_is_no_part_of_the_password(
    data: Path, tmp_path: Path, before: str, after: str
) -> None:
    line = f"{before}{PASSWORD}{after}"
    added = doable("users", "add", "alice@example.com", cwd=tmp_path, stdin=line, DATA_DIR=str(data))
    assert added.returncode == 0, added.stderr
    assert verified(data, PASSWORD)


@pytest.mark.parametrize("inside", ["\r", "\ufeff", "\t"])
def test_what_is_inside_of_it_is(data: Path, tmp_path: Path, inside: str) -> None:
    odd = f"{inside}".join(PASSWORD) + inside
    odd = odd.removesuffix("\r")
    added = doable("users", "add", "alice@example.com", cwd=tmp_path, stdin=f"{odd}\n", DATA_DIR=str(data))
    assert added.returncode == 0, added.stderr
    assert verified(data, odd)


def test_a_password_that_is_not_utf_8_is_refused(data: Path, tmp_path: Path) -> None:
    refused = subprocess.run(
        [DOABLE, "users", "add", "alice@example.com"],
        env=environment(DATA_DIR=str(data)),
        cwd=tmp_path,
        input="hunter2 à la crème\n".encode("latin-1"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr == b"doable: The password is not in UTF-8.\n"


def verified(data: Path, password: str) -> bool:
    """Whether it is the password of the one user, as it is stored."""
    ((password_hash,),) = rows(data, "SELECT password_hash FROM users")
    return PasswordHasher().verify(password_hash, password)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_blank_name_is_as_if_absent(data: Path, tmp_path: Path, name: str) -> None:
    arguments = ("users", "add", "alice@example.com", "--name", name)
    assert doable(*arguments, cwd=tmp_path, stdin=f"{PASSWORD}\n", DATA_DIR=str(data)).returncode == 0
    assert rows(data, "SELECT name FROM users") == [("alice",)]


def rows(data: Path, statement: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(data / "doable.db")) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize(
    ("arguments", "password", "sentence"),
    [
        (["alice@example.com"], "seven77", "password: at least 8 characters"),
        (["alice@example.com"], "", "password: at least 8 characters"),
        (["alice@example.com"], "p" * 257, "password: at most 256 characters"),
        (["alice"], PASSWORD, "This is not a valid e-mail address"),
        (["alice@localhost@example.com"], PASSWORD, "This is not a valid e-mail address"),
        (["alice@example.com", "--name", "n" * 101], PASSWORD, "name: at most 100 characters"),
        (["alice@example.com", "--name", "a\x07"], PASSWORD, "name: control characters other than"),
        (["alice@example.com", "--name", "n" * 101], "seven77", "password: at least 8 characters. name: at most 100"),
    ],
    ids=["short", "empty", "long", "no-email", "two-ats", "long-name", "control", "both"],
)
def test_refuses_what_sign_up_refuses(
    data: Path, tmp_path: Path, arguments: list[str], password: str, sentence: str
) -> None:
    result = doable("users", "add", *arguments, cwd=tmp_path, stdin=f"{password}\n", DATA_DIR=str(data))
    assert_refused(result, sentence)
    assert not password or password not in result.stderr
    assert doable("users", "list", cwd=tmp_path, DATA_DIR=str(data)).stdout == ""


def test_a_bad_email_is_refused_before_the_password_is_asked_for(data: Path, tmp_path: Path) -> None:
    terminal = Terminal("users", "add", "alice", cwd=tmp_path, DATA_DIR=str(data))
    assert terminal.end()[0] == 1
    assert "not a valid e-mail" in terminal.seen
    assert "Password" not in terminal.seen


def test_refuses_an_email_that_is_taken(environ: Environ, tmp_path: Path) -> None:
    first = doable("users", "add", "alice@example.com", cwd=tmp_path, stdin=f"{PASSWORD}\n", **environ)
    assert first.returncode == 0
    again = doable("users", "add", "ALICE@example.com", cwd=tmp_path, stdin=f"{PASSWORD}\n", **environ)
    assert_refused(again, "A user with this e-mail exists already")
    assert doable("users", "list", cwd=tmp_path, **environ).stdout.count("\n") == 1


def test_refuses_a_database_that_is_not_migrated(tmp_path: Path, new_database_settings: Callable[[], Environ]) -> None:
    environ = {"DATA_DIR": str(tmp_path / "data"), **new_database_settings()}
    result = doable("users", "add", "alice@example.com", cwd=tmp_path, stdin=f"{PASSWORD}\n", **environ)
    assert_refused(result, "Run `doable migrate` first")
