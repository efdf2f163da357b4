"""`examples/systemd` and `examples/docker`: shown in docs/operations.md as they are, and found good by the tools for them."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "examples/systemd/doable.service"
DOCKERFILE = ROOT / "examples/docker/Dockerfile"
MAX_EXPOSURE = 20
"""In tenths, as `--threshold` has it."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here, so the unit was not verified"
)


def run(*command: str | Path) -> None:
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", [UNIT, DOCKERFILE], ids=lambda path: path.name)
def test_the_page_shows_the_file(path: Path) -> None:
    assert f"\n{path.read_text()}```\n" in (ROOT / "docs/operations.md").read_text()


@needs_systemd
def test_the_unit_is_one(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", UNIT.read_text()))
    run("systemd-analyze", "verify", unit)


@needs_systemd
def test_the_unit_may_do_little() -> None:
    run("systemd-analyze", "security", "--offline=true", f"--threshold={MAX_EXPOSURE}", UNIT)


def test_the_dockerfile_is_linted() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("there is no hadolint for this machine, so the Dockerfile was not linted")
    run(hadolint, "--failure-threshold", "info", DOCKERFILE)


def test_the_dockerfile_copies_what_there_is() -> None:
    text = DOCKERFILE.read_text()
    sources = [name for line in re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", text) for name in line.split()]
    assert sources
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert set(sources) >= {"requirements.txt", "pyproject.toml", "src"}


def test_the_health_check_is_python() -> None:
    (command,) = re.findall(r"(?m)^ +CMD (\[.*\])$", DOCKERFILE.read_text())
    program, option, code = json.loads(command)
    assert (program, option) == ("python", "-c")
    compile(code, "HEALTHCHECK", "exec")
    assert "/livez" in code
