"""What is published: the wheel, the sdist and the locked requirements."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from doable import __version__
from support.mail import until
from support.ports import free_port
from support.server import environment

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ["requirements.txt", "requirements-test.txt", "requirements-bench.txt"]
WEB_LOCK = ROOT / "web/package-lock.json"


def run(*command: str | Path, cwd: Path, **settings: str) -> str:
    result = subprocess.run(
        command, cwd=cwd, env=environment(**settings), capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was made from it: that of `make wheel`, or a new one."""
    if given := os.environ.get("DIST"):
        return ROOT / given
    folder = tmp_path_factory.mktemp("dist")
    output = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert "warning" not in output.lower()
    assert "deprecat" not in output.lower()
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return built / f"doable-{__version__}-py3-none-any.whl"


def test_only_wheel_and_sdist_are_built(built: Path, wheel: Path) -> None:
    assert {path.name for path in built.iterdir()} == {wheel.name, f"doable-{__version__}.tar.gz"}


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    there = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert inside == {name for name in there if "__pycache__" not in name}
    assert {
        "doable/py.typed",
        "doable/database/migrations/env.py",
        "doable/database/migrations/versions/0001_owners_users_tasks.py",
    } <= inside


def test_the_wheel_has_the_built_client_and_the_licences_of_what_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.removeprefix("doable/web/files/") for name in archive.namelist()}
        licences = archive.read("doable/web/files/licences.md").decode()
    assert {"index.html", "sw.js", "manifest.webmanifest", "icons/icon.svg"} <= inside
    assert any(name.startswith("assets/") and name.endswith(".js.br") for name in inside)
    # What the client is made of. Vite only builds it, and of the rest not each is in what was built.
    for name in ("preact", "@preact/signals", "lucide"):
        assert f"\n## {name} - " in licences


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    info = f"doable-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_bytes(archive.read(f"{info}/METADATA"))
        assert archive.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert (metadata["Name"], metadata["Version"]) == ("doable", __version__)
    assert (metadata["License-Expression"], metadata["Requires-Python"]) == ("MIT", ">=3.11")
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert str(metadata.get_payload()).startswith("# Doable")
    assert len(metadata.get_all("Requires-Dist", [])) == len(PROJECT["project"]["dependencies"])


def test_the_sdist_has_what_a_reader_needs(built: Path) -> None:
    top = f"doable-{__version__}"
    with tarfile.open(built / f"{top}.tar.gz") as archive:
        names = set(archive.getnames())
    for name in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "docs/decisions/README.md",
        "src/doable/py.typed",
        "Makefile",
        "requirements-web.txt",
        "web/package-lock.json",
        "web/.npmrc",
        "web/index.html",
        "web/sync/index.ts",
        "web/src/main.tsx",
    ):
        assert f"{top}/{name}" in names
    assert not [name for name in names if "node_modules" in name]
    assert [name for name in names if "__pycache__" in name or ".venv" in name or name.endswith(".env")] == []


def test_the_installed_wheel_works(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=tmp_path)
    python, installed = home / "bin/python", home / "bin/doable"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    script = (
        "import importlib.metadata as m, json; d = m.distribution('doable'); "
        "print(json.dumps([d.version, [[e.group, e.name, e.value] for e in d.entry_points]]))"
    )
    entry_points = [["console_scripts", "doable", "doable.cli:main"]]
    assert json.loads(run(python, "-I", "-c", script, cwd=tmp_path)) == [__version__, entry_points]
    # Its dependencies are those of this environment, in which Doable itself is only a reference to the source.
    dependencies = os.pathsep.join(dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]))
    settings = {"PYTHONPATH": dependencies, "DATA_DIR": str(tmp_path / "data")}
    where = run(python, "-c", "import doable; print(doable.__file__)", cwd=tmp_path, **settings)
    assert Path(where.strip()).is_relative_to(home)
    assert run(installed, "--version", cwd=tmp_path, **settings) == f"doable {__version__}\n"
    assert "is at version" in run(installed, "migrate", cwd=tmp_path, **settings)
    assert json.loads(run(installed, "openapi", cwd=tmp_path, **settings))["openapi"].startswith("3.1.")
    with serving(installed, tmp_path, **settings) as url:
        page = httpx.get(f"{url}/today")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        for loaded in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert httpx.get(f"{url}{loaded}").status_code == 200


@contextmanager
def serving(command: Path, folder: Path, **settings: str) -> Iterator[str]:
    """The URL of what this `doable` serves, with no program beside it: no Node is needed."""
    port = free_port()
    process = subprocess.Popen(
        [command, "serve", "--port", str(port)], cwd=folder, env=environment(**settings, PATH=str(folder / "nothing"))
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is None and is_ready(url), "an answer")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["project"]["version"] == __version__
    assert __version__ in (ROOT / "CHANGELOG.md").read_text()


def requirements(name: str) -> dict[str, list[str]]:
    """Name and version of each requirement: its hashes."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, list[str]] = {}
    for line in lines:
        head = re.match(r"([a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==([^ ;]+)", line)
        assert head, line
        found[f"{head[1]} {head[2]}"] = re.findall(r" --hash=(\S+)", line)
    return found


@pytest.mark.parametrize("name", [*LOCKS, "requirements-web.txt"])
def test_every_requirement_is_locked_by_version_and_hash(name: str) -> None:
    locked = requirements(name)
    assert len(locked) > (1 if name == "requirements-web.txt" else 20)
    for requirement, hashes in locked.items():
        assert hashes, requirement
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in hashes), requirement


@pytest.mark.parametrize("name", [*LOCKS, "requirements-web.txt"])
def test_the_lock_holds_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS[1:])
def test_tests_and_benchmarks_run_on_the_versions_that_are_served(name: str) -> None:
    # A set-up installs one file after the other.
    assert set(requirements(LOCKS[0])) <= set(requirements(name))


@pytest.mark.parametrize("lock", [WEB_LOCK, ROOT / "web/audit/package-lock.json"], ids=lambda lock: lock.parent.name)
def test_the_clients_locks_are_by_hash_and_hold_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    own = packages.pop("")
    assert len(packages) > 20
    for name, package in packages.items():
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"]), name
        assert not package.keys() & {"resolved", "funding"}, name
    wanted = json.loads(lock.with_name("package.json").read_text())
    for kind in wanted.keys() & {"dependencies", "devDependencies"}:
        assert own[kind] == wanted[kind]
        # An exact version, and no range: what is asked for is what was looked at.
        assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted[kind].values())


def test_every_dependency_is_locked() -> None:
    locked = {requirement.split()[0] for requirement in requirements("requirements.txt")}
    wanted = {re.split(r"[^A-Za-z0-9-]", each)[0] for each in PROJECT["project"]["dependencies"]}
    assert wanted <= locked


def test_the_build_backend_is_the_one_in_the_lock() -> None:
    (backend,) = PROJECT["build-system"]["requires"]
    assert PROJECT["dependency-groups"]["build"] == [backend]
    name, version = backend.split("==")
    locked = requirements("requirements.txt")
    assert f"{name.replace('_', '-')} {version}" in locked
