"""`doable` itself: version, help, and a command line that cannot be understood."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from doable import __version__
from support.server import doable, environment, spawned

COMMANDS = [
    [],
    ["serve"],
    ["migrate"],
    ["backup"],
    ["restore"],
    ["openapi"],
    ["doctor"],
    ["export"],
    ["import"],
    ["tail"],
    ["tasks"],
    ["tasks", "list"],
    ["tasks", "add"],
    ["tasks", "complete"],
    ["filters"],
    ["filters", "list"],
    ["filters", "add"],
    ["filters", "remove"],
    ["users"],
    ["users", "add"],
    ["users", "list"],
    ["users", "remove"],
    ["demo"],
]


def test_version(tmp_path: Path) -> None:
    result = spawned("--version", cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"doable {__version__}\n", "")


def test_python_m_doable_is_doable(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "doable", "--version"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, f"doable {__version__}\n")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(tmp_path: Path, command: list[str], option: str) -> None:
    # Settings that nothing could use, since help is what one looks for then.
    result = doable(*command, option, cwd=tmp_path, SECRET_KEY="short", PORT="none", DATABASE_URL="nonsense")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(" ".join(["Usage: doable", *command]))
    # Every option and every command says what it is for.
    _, options, described = result.stdout.partition("Options:")
    assert options
    for line in described.splitlines():
        words = line.split()
        assert len(words) != 1 or not words[0].startswith("-"), line
    assert "None" not in result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("group", [[], ["users"]], ids=" ".join)
def test_help_lists_every_command(tmp_path: Path, group: list[str]) -> None:
    commands = doable(*group, "--help", cwd=tmp_path).stdout.partition("Commands:")[2]
    listed = re.findall(r"^  ([a-z]+)  ", commands, re.MULTILINE)
    assert sorted(listed) == sorted(command[-1] for command in COMMANDS if command and command[:-1] == group)


def test_help_of_serve_says_where_the_defaults_come_from(tmp_path: Path) -> None:
    text = " ".join(doable("serve", "--help", cwd=tmp_path).stdout.split())
    assert all(default in text for default in ("127.0.0.1", "PORT, or else 8000", "WEB_CONCURRENCY"))


@pytest.mark.parametrize("command", [[], ["users"]], ids=" ".join)
def test_nothing_to_do_shows_the_help(tmp_path: Path, command: list[str]) -> None:
    result = doable(*command, cwd=tmp_path)
    assert result.returncode == 2
    assert "Commands:" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["sevre"], "No such command 'sevre'"),
        (["--verbose"], "No such option: --verbose"),
        (["serve", "--port", "http"], "Invalid value for '--port'"),
        (["serve", "--port", "65536"], "Invalid value for '--port'"),
        (["serve", "--port", "-1"], "Invalid value for '--port'"),
        (["serve", "--workers", "0"], "Invalid value for '--workers'"),
        (["serve", "here"], "unexpected extra argument"),
        (["users", "add"], "Missing argument"),
        (["users", "add", "a@example.com", "--password", "correct horse"], "No such option: --password"),
        (["users", "add", "a@example.com", "correct horse"], "unexpected extra argument"),
        (["users", "remove"], "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_a_sentence(tmp_path: Path, command: list[str], sentence: str) -> None:
    result = doable(*command, cwd=tmp_path, DATA_DIR=str(tmp_path / "data"))
    assert (result.returncode, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "-h' for help" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []
