"""Clients of the Model Context Protocol that others have written, against a real server: run by `make compat`."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from support import node
from support.api_tokens import create
from support.server import Server
from support.users import User

FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "node_modules"

PASSES = {
    "2025-11-25": {"server-initialize", "ping", "tools-list", "dns-rebinding-protection"},
    "2026-07-28": {"tools-list", "dns-rebinding-protection", "http-header-validation"},
}
"""The scenarios of the suite that are about what Doable has, by the version of the protocol. All others want the suite's own tools,
resources, prompts, streams or questions to the user: see docs/decisions/assistants.md."""


@pytest.fixture(scope="module")
def account(one_server: Server) -> Iterator[tuple[str, str]]:
    """The endpoint, and a token for it."""
    with closing(User(one_server.url)) as user:
        yield f"{one_server.url}/mcp", create(user, "tasks:read", "tasks:write")["token"]


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    node.assert_lock_names_no_registry(FOLDER)
    node.install(FOLDER, "CLIENTS OF MCP")


def run(*command: str | Path, **environ: str) -> str:
    """What it prints; and it must succeed."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **environ}
    result = subprocess.run(
        command, cwd=FOLDER, env=env, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("script", ["legacy.mjs", "modern.mjs"])
def test_the_typescript_sdks(account: tuple[str, str], script: str) -> None:
    assert run("node", script, *account) == "ok\n"


def test_the_python_sdk(account: tuple[str, str], tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    run(*pip, "--no-deps", "--no-compile", "--target", tmp_path, "-r", FOLDER / "requirements.txt", **os.environ)
    # What is in .venv does not count: other versions are there.
    assert run(sys.executable, "-S", FOLDER / "round_trip.py", *account, PYTHONPATH=str(tmp_path)) == "ok\n"


def inspect(account: tuple[str, str], *arguments: str) -> str:
    url, token = account
    program = PACKAGES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    header = f"Authorization: Bearer {token}"
    return run("node", program, "--cli", url, "--transport", "http", "--header", header, *arguments)


def test_the_inspector(account: tuple[str, str]) -> None:
    # Strict: each schema is one that every host can read.
    assert len(json.loads(inspect(account, "--method", "tools/list", "--strict"))["tools"]) == 9
    call = ("--method", "tools/call", "--tool-name")
    made = json.loads(inspect(account, *call, "add_tasks", "--tool-arg", 'tasks=[{"title":"Hafermilch"}]'))
    assert made["structuredContent"]["tasks"][0]["title"] == "Hafermilch"
    assert json.loads(inspect(account, *call, "get_overview"))["structuredContent"]["open"] >= 1


@pytest.mark.parametrize("version", PASSES)
def test_the_conformance_suite(account: tuple[str, str], version: str, tmp_path: Path) -> None:
    program = PACKAGES / "@modelcontextprotocol/conformance/dist/index.js"
    with Authorizing(*account) as url:
        for scenario in sorted(PASSES[version]):
            asked = ("--url", url, "--scenario", scenario, "--spec-version", version, "-o", tmp_path)
            run("node", program, "server", *asked)


class Authorizing:
    """Hands requests on with a token: the suite has none, and knows no header of its own."""

    def __init__(self, url: str, token: str) -> None:
        host = urlsplit(url).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {**self.headers, "Authorization": f"Bearer {token}", "Connection": "close"}
                for name in ("Host", "Origin"):
                    if name in headers:
                        headers[name] = headers[name].replace(own, host)
                with closing(http.client.HTTPConnection(host)) as connection:
                    connection.request(self.command, self.path, body, headers)
                    answer = connection.getresponse()
                    content = answer.read()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {"content-length", "connection"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", f"{len(content)}")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        own = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{own}{urlsplit(url).path}"

    def __enter__(self) -> str:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self.url

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
