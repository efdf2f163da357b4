"""Clients that others' generators make from the OpenAPI document: they compile, and do what an app would do with them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from support import node
from support.server import Server

FOLDER = Path(__file__).parent
# Strict, as `npm create vite` and its like have it; CommonJS, so that Node runs what comes out.
TSC = (
    *("tsc", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"),
    "--skipLibCheck",  # the declarations of libraries are their own affair
    *("--module", "commonjs", "--moduleResolution", "node10", "--outDir", "out", "round_trip.ts"),
)


def run(folder: Path, *command: str, environ: dict[str, str] | None = None) -> str:
    """What it prints; and it must succeed."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **(environ or {})}
    result = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def write_document(server: Server, folder: Path) -> None:
    (folder / "openapi.json").write_bytes(httpx.get(f"{server.url}/openapi.json").content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the client is made."""
    return Path(shutil.copytree(FOLDER, tmp_path / "client"))


def test_the_lock_names_no_registry() -> None:
    node.assert_lock_names_no_registry(FOLDER)


def test_clients_in_typescript(one_server: Server, folder: Path) -> None:
    node.install(folder, "CLIENTS IN TYPESCRIPT")
    bin_folder = folder / "node_modules/.bin"
    write_document(one_server, folder)
    run(folder, str(bin_folder / "openapi-typescript"), "openapi.json", "-o", "schema.ts")
    run(folder, str(bin_folder / "openapi-ts"), "-i", "openapi.json", "-o", "hey")
    run(folder, str(bin_folder / TSC[0]), *TSC[1:])
    assert run(folder, "node", "out/round_trip.js", one_server.url, "ts@example.com") == "ok\n"


def test_a_client_in_python(one_server: Server, folder: Path) -> None:
    packages = folder / "packages"
    installed = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"),
            # All of them are named, and most modules are never read.
            *("--no-deps", "--no-compile", "--target", packages, "-r", folder / "requirements.txt"),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if installed.returncode:
        # Only the want of a network is no fault of ours.
        assert "NewConnectionError" in installed.stderr, installed.stderr
        pytest.skip("A CLIENT IN PYTHON: NOT TESTED, pip cannot reach its index")
    # What is in .venv does not count: other versions are there.
    environ = {"PYTHONPATH": str(packages), "PATH": f"{packages / 'bin'}:{os.environ['PATH']}"}
    write_document(one_server, folder)
    said = run(
        folder,
        *(sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"),
        *("--output-path", "doable_client", "--meta", "none", "--fail-on-warning"),
        environ=environ,
    )
    assert "Warning" not in said
    run(folder, sys.executable, "round_trip.py", one_server.url, "python@example.com", environ=environ)
