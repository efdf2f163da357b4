"""The Makefile: what it lists is there, and what is there or promised is listed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.server import environment

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str, cwd: Path = ROOT, **settings: str) -> str:
    result = subprocess.run(
        ["make", *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def listed() -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in make().splitlines())


def test_make_alone_lists_what_there_is() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    targets = listed()
    assert set(targets) == set(phony[1].split())
    assert {"setup", "serve", "test"} <= set(targets)
    assert all(len(text) > 10 for text in targets.values())


@pytest.mark.parametrize("target", re.findall(r"^([a-z]+):.*##", MAKEFILE, re.MULTILINE))
def test_every_listed_target_can_be_made(target: str) -> None:
    # -n: say what would be run, and run nothing.
    assert make("-n", target)


@pytest.mark.parametrize(
    "page", ["README.md", *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
)
def test_every_target_that_the_documentation_names_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    named = set(re.findall(r"(?<![\w.-])make ([a-z]+)", code))
    assert named <= set(listed())
    assert page != "README.md" or {"serve", "test"} & named


def set_up(folder: Path) -> None:
    """A folder that is set up already, with a `doable` that says what it was given."""
    shutil.copy(ROOT / "Makefile", folder)
    for name in (".venv/bin", "web/src", "web/sync", "web/tasks", "web/public", "web/node_modules"):
        (folder / name).mkdir(parents=True)
    needed = ("requirements.txt", "requirements-web.txt", "pyproject.toml", "web/package-lock.json", "web/.npmrc")
    made = (".venv/bin/python", ".venv/.serve", ".venv/.node", "web/node_modules/.build", ".venv/.web")
    for name in (*needed, *made):
        (folder / name).touch()
    command = folder / ".venv/bin/doable"
    command.write_text('#!/bin/sh\necho "$1 port=$PORT folder=$DATA_DIR"\n')
    command.chmod(0o755)


def test_serve_passes_on_port_and_data_dir(tmp_path: Path) -> None:
    set_up(tmp_path)
    # No default of make's comes before what .env says.
    assert make("serve", cwd=tmp_path) == "serve port= folder=\n"
    assert make("serve", "PORT=9000", "DATA_DIR=here", cwd=tmp_path) == "serve port=9000 folder=here\n"
    assert make("serve", cwd=tmp_path, PORT="9001", DATA_DIR="there") == "serve port=9001 folder=there\n"


@pytest.mark.parametrize("lacks", [".venv/.node", "web/node_modules/.build", ".venv/.web"])
def test_where_the_client_cannot_be_built_serve_says_so_and_serves(tmp_path: Path, lacks: str) -> None:
    """No Node for the machine, no registry of npm, a build that fails: here, nothing that could do any of it."""
    set_up(tmp_path)
    (tmp_path / lacks).unlink()
    said, serving = make("serve", cwd=tmp_path).splitlines()
    assert said.startswith("The web client could not be built: .venv/web.log says why")
    assert (tmp_path / ".venv/web.log").read_text()
    assert serving == "serve port= folder="
    assert "could not be built" in make("setup", cwd=tmp_path)


def test_clean_takes_the_client_away_too(tmp_path: Path) -> None:
    set_up(tmp_path)
    (tmp_path / "src/doable/web/files").mkdir(parents=True)
    make("clean", cwd=tmp_path)
    for gone in (".venv", "web/node_modules", "src/doable/web/files"):
        assert not (tmp_path / gone).exists()
    assert (tmp_path / "web/src").exists()
